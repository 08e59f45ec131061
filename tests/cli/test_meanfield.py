import numpy as np
import pytest

import noisette as nz
from noisette.noise import Frozen, OrnsteinUhlenbeck, White
from noisette.noise import from_string as noise_from_string
from noisette.studies import load


def test_json(noisette):
    result = noisette("meanfield --activation tanh --gain 1.5,2,4 --noise none --json")
    assert result.status == 0
    assert result.out.count("\n") == 1
    assert set(result.json) == {"gain", "lyapunov", "variance", "kinetic_energy"}
    assert result.json["gain"] == [1.5, 2, 4]
    np.testing.assert_allclose(result.json["lyapunov"], [0.04675, 0.11246, 0.34147], atol=5e-6)
    np.testing.assert_allclose(result.json["variance"], [0.748, 1.925, 10.467], atol=5e-4)
    np.testing.assert_allclose(result.json["kinetic_energy"], [0.0110, 0.0640, 0.8651], atol=6e-5)


@pytest.mark.slow
def test_white_noise_and_other_activations(noisette):
    result = noisette("meanfield --activation linear --gain 0.6 --noise white:0.5 --json").json
    np.testing.assert_allclose(result["variance"], [0.25 / 1.6])
    np.testing.assert_allclose(result["lyapunov"], [-0.4])
    assert noisette("meanfield --activation pade:0.5,0 --gain 0.5:2:0.5 --json").json["gain"] == [0.5, 1, 1.5, 2]


def test_noise_with_memory_and_rectified_units(noisette):
    result = noisette("meanfield --gain 1.2 --noise frozen:1 --json").json
    np.testing.assert_allclose(result["variance"], [1.70821], atol=5e-6)
    result = noisette("meanfield --gain 1.2 --noise ou:1.1547005383792515,3 --json").json
    np.testing.assert_allclose(result["variance"], [1.6027], atol=5e-5)
    result = noisette("meanfield --gain 0.8 --activation relu --noise frozen:1 --json").json
    np.testing.assert_allclose(result["variance"], [1.47059], atol=5e-6)


@pytest.mark.slow
def test_table_and_saved_files(noisette, tmp_path):
    result = noisette("meanfield --gain 0.5,2 --out", str(tmp_path / "m"))
    assert result.status == 0
    assert "0.11246" in result.out
    assert result.out.count("no chaos") == 1
    assert {p.name for p in (tmp_path / "m").iterdir()} == {"meanfield.nc", "meanfield.png", "meanfield.pdf"}
    assert load(tmp_path / "m" / "meanfield.nc").attrs["method"] == "mean-field"
    assert "Chaos in random neural networks" in noisette("cite", str(tmp_path / "m" / "meanfield.nc")).out


def test_help_has_an_example(noisette):
    assert "Example" in noisette("meanfield --help").out


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("--gain 1,x", "1,x"),
        ("--gain=-1", "-1"),
        ("--gain nan", "nan"),
        ("--activation tanh", "--gain"),
        ("--gain 2 --activation relu --noise white:1", "no stationary state"),
        ("--gain 2 --activation nope", "nope"),
        ("--gain 2 --activation linear", "no stationary state"),
        ("--gain 2 --noise pink", "white:σ"),
        ("--gain 2 --noise white", "white:σ"),
        ("--gain 2 --noise white:-1", "-1"),
        ("--gain 2 --noise white:nan", "white:nan"),
        ("--gain 2 --noise ou:1", "ou:s,τ"),
        ("--gain 2 --noise ou:1,0", "correlation time 0"),
        ("--gain 2 --activation linear --noise frozen:1", "no stationary state"),
    ],
)
def test_invalid_input_is_reported_in_one_line(noisette, line, named):
    result = noisette("meanfield " + line)
    assert (result.status, result.out) == (2, "")
    assert result.err.count("\n") == 1
    assert result.err.startswith("noisette: ")
    assert named in result.err


def test_noises_by_name():
    assert noise_from_string("none") is None
    white, frozen, coloured = (
        noise_from_string("white:0.5"),
        noise_from_string("frozen:2"),
        noise_from_string("ou:0.5,10"),
    )
    assert isinstance(white, White)
    assert float(white.strength) == 0.5
    assert isinstance(frozen, Frozen)
    assert float(frozen.std) == 2
    assert isinstance(coloured, OrnsteinUhlenbeck)
    assert (float(coloured.std), float(coloured.tau)) == (0.5, 10)
    for text in ("none:1", "white:", "white:1,2", "ou:1,0", "frozen:x", ""):
        with pytest.raises(nz.InputError):
            noise_from_string(text)

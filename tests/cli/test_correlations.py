import numpy as np
import pytest

from noisette.studies import load

KEYS = ["gain", "variance", "covariance_variance", "dimension", "susceptibility", "valid", "method"]


def test_json_of_theory(noisette):
    result = noisette("correlations --activation tanh --gain 0.8:1.2:0.4 --noise frozen:1 --json")
    assert result.status == 0
    assert result.out.count("\n") == 1
    assert list(result.json) == KEYS
    np.testing.assert_allclose(result.json["gain"], [0.8, 1.2])
    np.testing.assert_allclose(result.json["variance"], [1.28131, 1.70821], atol=6e-6)
    np.testing.assert_allclose(result.json["dimension"], [0.63342, 0.38171], atol=6e-6)
    np.testing.assert_allclose(result.json["covariance_variance"][0], 0.95013, atol=6e-6)
    np.testing.assert_allclose(result.json["susceptibility"][0], 0.270, atol=6e-4)
    assert result.json["valid"] == [True, True]
    assert "leading" in result.json["method"]


@pytest.mark.parametrize(
    ("options", "name", "expected"),
    [
        ("--activity rate --gain 0.8", "dimension", 0.63836),
        ("--activation pade:0.3333333333,0 --gain 1.2", "variance", 1.60120),
        ("--activation power:0.75 --gain 1", "variance", 2.92222),
        ("--activation relu --gain 0.8", "dimension", 0.6654),
        ("--activation threshold:0.5 --gain 1", "dimension", 0.7589),
        ("--activation linear --gain 0.5 --size 100 --order finite", "dimension", 0.5531),
        ("--activation linear --gain 0.5 --noise white:1", "dimension", 0.8477),
        ("--gain 0.8 --noise white:1 --dt 0.1", "dimension", 0.8189),
        ("--gain 1.2 --noise ou:1.0165300454651272,30", "dimension", 0.3945),
        ("--gain 2 --noise none", "dimension", 0.0159),
        ("--gain 2.5 --noise frozen:1 --dynamic", "dimension", 0.1008),
        ("--gain 1.2 --noise frozen:0.7 --placement outside", "dimension", 0.31760),
    ],
)
def test_numbers_of_the_specification(noisette, options, name, expected):
    digits = len(str(expected).split(".")[1])
    result = noisette(f"correlations {options} --json").json
    assert round(result[name][0], digits) == pytest.approx(expected, abs=1.01 * 10**-digits)


def test_out_of_range_rows_are_marked(noisette):
    result = noisette("correlations --activation power:2 --gain 0.2,0.5 --json").json
    assert result["valid"] == [True, False]
    assert result["dimension"][1] is None
    result = noisette("correlations --gain 1.5,2.5 --json").json
    assert result["valid"] == [True, False]
    assert result["susceptibility"][1] > 1
    table = noisette("correlations --gain 1.5,2.5").out
    assert "unstable" in table
    assert noisette("correlations --gain 1.5 --size 30 --json").json["valid"] == [False]  # N·D is small


@pytest.mark.slow
def test_simulation_is_compared_with_theory(noisette, tmp_path):
    line = "correlations --gain 0.5,0.8 --simulate --size 100 --networks 10 --draws 60 --seed 3 --json --out"
    result = noisette(line, str(tmp_path / "c")).json
    assert list(result) == [*KEYS, "simulated"]
    assert list(result["simulated"]) == ["variance", "variance_se", "dimension", "dimension_se"]
    for name in ("variance", "dimension"):
        apart = np.abs(np.subtract(result["simulated"][name], result[name]))
        # false alarm 6e-5 each, and 1/N corrections: +.3/N of the variance, -.3/N of the dimension
        assert (apart < 4 * np.array(result["simulated"][f"{name}_se"]) + 0.005).all()
    assert {p.name for p in (tmp_path / "c").iterdir()} == {f"correlations.{end}" for end in ("nc", "png", "pdf")}
    assert load(tmp_path / "c" / "correlations.nc").attrs["seed"] == 3


@pytest.mark.slow
def test_simulation_in_steps_is_compared_with_theory_of_steps(noisette):
    result = noisette(
        "correlations --gain 0.8 --noise white:1 --simulate --size 60 --networks 4 --draws 40 --json"
    ).json
    assert "Euler steps of 0.1" in result["method"]
    assert abs(result["simulated"]["variance"][0] - result["variance"][0]) < 4 * result["simulated"]["variance_se"][0]


@pytest.mark.slow
def test_lost_draws_are_reported_in_one_line(noisette):
    line = "correlations --activation power:2 --gain 0.45 --size 20 --simulate --networks 4 --draws 30 --json"
    result = noisette(line)
    assert result.status == 0
    assert "noisette: unsolved or divergent draws: " in result.err
    assert "Warning" not in result.err


def test_help_has_an_example(noisette):
    assert "Example" in noisette("correlations --help").out
    assert "Example" in noisette("autocovariance --help").out


@pytest.mark.slow
def test_autocovariance(noisette, tmp_path):
    result = noisette("autocovariance --activation tanh --gain 2 --noise none --json").json
    assert list(result) == ["lag", "current", "rate"]
    assert result["lag"][0] == 0
    assert result["current"][0] == pytest.approx(1.9248, abs=5e-5)
    assert result["current"][-1] < 1e-3
    coloured = noisette("autocovariance --activation tanh --gain 1.2 --noise ou:1.1547005,3 --json").json
    assert coloured["current"][0] == pytest.approx(1.6027, abs=5e-5)
    assert coloured["rate"][0] == pytest.approx(0.4803, abs=5e-5)
    printed = noisette("autocovariance --gain 2 --noise white:0.5 --out", str(tmp_path / "a"))
    assert "C_x" in printed.out
    assert {p.name for p in (tmp_path / "a").iterdir()} == {f"autocovariance.{end}" for end in ("nc", "png", "pdf")}


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("correlations", "--gain"),
        ("correlations --gain x", "x"),
        ("correlations --gain=-1", "-1"),
        ("correlations --gain 1 --activation nope", "nope"),
        ("correlations --gain 1 --activation power:0", "power"),
        ("correlations --gain 1 --noise pink:1", "pink"),
        ("correlations --gain 1 --noise frozen:-1", "-1"),
        ("correlations --gain 1 --noise ou:1", "ou:s,τ"),
        ("correlations --gain 1 --order finite", "--size"),
        ("correlations --gain 1 --order third --size 10", "third"),
        ("correlations --gain 1 --order finite --size 100 --noise white:1", "white"),
        ("correlations --gain 1 --order finite --size 100 --activation relu", "odd"),
        ("correlations --gain 1 --activity spikes", "spikes"),
        ("correlations --gain 1 --window short", "short"),
        ("correlations --gain 1 --size 1", "--size"),
        ("correlations --gain 1 --dt=-0.1 --noise white:1", "-0.1"),
        ("correlations --gain 1 --noise white:1 --placement outside", "outside"),
        ("correlations --gain 1 --simulate --networks 1", "--networks"),
        ("correlations --gain 1 --simulate --draws 1", "--draws"),
        ("autocovariance --gain 2 --noise pink", "pink"),
        ("autocovariance --gain=-2", "-2"),
        ("autocovariance --gain 2 --activation linear", "no stationary state"),
    ],
)
def test_invalid_input_is_reported_in_one_line(noisette, line, named):
    result = noisette(line)
    assert (result.status, result.out) == (2, "")
    assert result.err.count("\n") == 1
    assert result.err.startswith("noisette: ")
    assert named in result.err.replace("White", "white")


def test_options_have_the_names_of_python(noisette):
    """`--covariance long-window` is the parameter of `correlations`; `--window long` is its earlier name."""
    line = "correlations --gain 0.5 --noise white:1 --activity rate --json"
    named = noisette(f"{line} --covariance long-window").json
    assert named == noisette(f"{line} --window long").json
    assert named["dimension"] != noisette(line).json["dimension"]
    assert "long-window" in noisette(f"{line} --covariance long-ish").err

"""The contract of `noisette chaos`: small networks, short runs, few shapes (each is compiled once)."""

import jax
import numpy as np
import pytest

import noisette as nz
from noisette.studies import load

KEYS = ["gain", "lyapunov", "lyapunov_se", "kinetic_energy", "dt", "stability", "audit", "units"]
QUICK = "chaos --weights gaussian:20 --gain 0.5,3 --dt 0.1 --duration 20 --discard 5 --networks 2"
RUNAWAY = f"{QUICK} --activation relu --duration 1000 --discard 0 --exponents 2"
FROZEN = "chaos --weights gaussian:60 --gain 10 --gamma 1 --duration 10 --discard 0 --networks 1"


def curve(**more):
    """Return the result of QUICK from Python."""
    arguments = {"networks": 2, "dt": 0.1, "duration": 20.0, "discard": 5.0, **more}
    return nz.chaos_curve(nz.weights.ensemble("gaussian:20", 0), [0.5, 3.0], **arguments)


@pytest.mark.slow
def test_json_has_the_keys_and_the_numbers_of_the_library(noisette):
    result = noisette(f"{QUICK} --json")
    assert result.status == 0
    assert result.out.count("\n") == 1
    assert list(result.json) == KEYS
    assert {len(result.json[key]) for key in KEYS[:-1]} == {2}
    assert result.json["gain"] == [0.5, 3]
    assert result.json["dt"] == [0.1, 0.1]
    assert result.json["audit"] == ["ok", "ok"]
    assert result.json["units"] == "1/tau"
    data = curve()
    first = data.lyapunov.isel(exponent=0)
    np.testing.assert_allclose(result.json["lyapunov"], first.mean("network"), rtol=1e-12)
    np.testing.assert_allclose(result.json["lyapunov_se"], first.std("network", ddof=1) / 2**0.5, rtol=1e-12)
    np.testing.assert_allclose(result.json["kinetic_energy"], data.kinetic_energy.mean("network"), rtol=1e-12)
    np.testing.assert_allclose(result.json["stability"], data.stability.max("network"), rtol=1e-12)


@pytest.mark.slow
def test_all_results_depend_on_the_seed(noisette):
    first, again, other = (noisette(f"{QUICK} --json --seed {seed}") for seed in (1, 1, 2))
    assert first.out == again.out
    assert not set(first.json["lyapunov"]) & set(other.json["lyapunov"])
    fixed = noisette(f"{QUICK} --json --seed 2 --weights gaussian:20:1")  # other initial states, same networks
    assert fixed.json["stability"] != other.json["stability"]


@pytest.mark.slow
def test_a_range_of_gains_includes_its_end_and_one_network_has_no_error(noisette):
    result = noisette(f"{QUICK} --gain 0.5:1:0.5 --networks 1 --json").json
    assert result["gain"] == [0.5, 1]
    assert result["lyapunov_se"] == [None, None]
    assert None not in result["lyapunov"]


@pytest.mark.slow
def test_the_audit_finds_the_step_of_the_paper_too_long_and_auto_short_enough(noisette):
    published = noisette(f"{FROZEN} --dt 0.01 --json").json
    assert published["audit"] == ["unstable"]
    assert published["stability"][0] > 2
    chosen = noisette(f"{FROZEN} --dt auto --json").json
    assert chosen["audit"] == ["ok"]
    assert chosen["dt"][0] < 2 / 326  # sharpness 3.26 g² during the descent
    assert chosen["stability"][0] < 2
    assert chosen["lyapunov"][0] < 0.05
    assert chosen["kinetic_energy"][0] < published["kinetic_energy"][0] / 5
    table = noisette(f"{FROZEN} --dt 0.01")
    assert "too long at g = 10" in table.out
    assert "--dt auto" in table.out


@pytest.mark.slow
def test_exponents_of_a_file_are_its_eigenvalues_at_rest(noisette, tmp_path):
    turned = np.linalg.qr(np.random.default_rng(0).standard_normal((20, 20)))[0]
    np.save(tmp_path / "w.npy", turned @ np.diag(np.linspace(0.9, -1, 20)) @ turned.T)
    line = f"{QUICK} --gain 0.5,1 --duration 60 --discard 40 --exponents 2 --json --weights {tmp_path / 'w.npy'}"
    result = noisette(line).json
    assert list(result) == [*KEYS, "spectrum", "kaplan_yorke", "entropy"]
    modes = np.outer([0.5, 1.0], [0.9, 0.8]) - 1
    np.testing.assert_allclose(result["spectrum"], np.log(1 + 0.1 * modes) / 0.1, atol=2e-3)
    np.testing.assert_allclose(result["lyapunov"], np.array(result["spectrum"])[:, 0])
    assert result["lyapunov_se"][0] < 2e-3  # one matrix, two starts
    assert result["kaplan_yorke"] == [0, 0]
    assert result["entropy"] == [0, 0]


@pytest.mark.slow
def test_exponents_of_chaos_have_a_dimension_and_an_entropy(noisette):
    result = noisette(f"{QUICK} --exponents 2 --gain 2,8 --duration 100 --json").json
    data = nz.chaos_curve(
        nz.weights.ensemble("gaussian:20", 0), [2, 8], networks=2, dt=0.1, duration=100, discard=5, exponents=2
    )
    np.testing.assert_allclose(result["entropy"], np.maximum(data.lyapunov, 0).sum("exponent").mean("network"))
    assert max(result["entropy"]) > 0
    dimensions = [[nz.analysis.kaplan_yorke(each) for each in row] for row in data.lyapunov.values]
    kept = [[d for d in row if np.isfinite(d)] for row in dimensions]  # two exponents may be too few for a dimension
    assert result["kaplan_yorke"] == [pytest.approx(np.mean(row)) if row else None for row in kept]


@pytest.mark.slow
def test_data_and_figure_are_saved(noisette, tmp_path):
    result = noisette(QUICK + " --out", str(tmp_path / "deep" / "c"))
    assert result.status == 0
    assert "2 networks" in result.out
    assert "saved in" in result.out
    assert {p.name for p in (tmp_path / "deep" / "c").iterdir()} == {"chaos.nc", "chaos.png", "chaos.pdf"}
    data = load(tmp_path / "deep" / "c" / "chaos.nc")
    np.testing.assert_array_equal(data.lyapunov, curve().lyapunov)
    assert data.attrs["method"] == "simulated"
    assert data.attrs["weights"] == "gaussian:20"
    assert data.audit.values.tolist() == [["ok", "ok"], ["ok", "ok"]]
    assert "Freezing chaos" in noisette("cite", str(tmp_path / "deep" / "c" / "chaos.nc")).out


@pytest.mark.slow
def test_a_network_that_diverges_is_named_and_the_others_are_computed(noisette):
    """Rectified units above threshold grow as e^λt: of two at g = 3, one exceeds 1e308 within 1000 τ."""
    result = noisette(f"{RUNAWAY} --json")
    data = curve(activation=nz.activations.relu, duration=1000.0, discard=0.0, exponents=2)
    lost = (data.audit == "diverged").values
    assert lost.tolist() == [[False, False], [False, True]]
    assert result.status == 0
    assert result.err.count("noisette:") == 1  # other lines, if any, report progress
    assert "network 1 of seed 0 at gain 3 diverged" in result.err
    assert result.json["lyapunov"][1] == pytest.approx(float(data.lyapunov[1, 0, 0]))
    assert result.json["lyapunov_se"][0] > 0
    assert result.json["lyapunov_se"][1] is None
    assert result.json["audit"][0] == "ok"
    assert result.json["audit"][1] != "ok"
    assert result.json["entropy"][1] == pytest.approx(sum(max(0, each) for each in result.json["spectrum"][1]))
    assert "too long" not in noisette(RUNAWAY).out  # the step is not the cause


@pytest.mark.slow
def test_if_all_networks_diverge_the_result_is_null(noisette):
    result = noisette(f"{RUNAWAY} --gain 0.5,50 --json")
    assert result.status == 0
    assert result.err.count("\n") == 2
    assert all(f"network {n} of seed 0 at gain 50" in result.err for n in (0, 1))
    assert result.json["lyapunov"][0] < 0
    lost = ("lyapunov", "lyapunov_se", "kinetic_energy", "stability", "kaplan_yorke", "entropy")
    assert [result.json[key][1] for key in lost] == [None] * 6
    assert result.json["spectrum"][1] == [None, None]


def test_help_has_an_example(noisette):
    assert "Example" in noisette("chaos --help").out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--gain 1,x", "1,x"),
        ("--gain 5:1:1", "5:1:1"),
        ("--gain nan", "nan"),
        ("--gain inf", "inf"),
        ("--gamma nan", "nan"),
        ("--gamma much", "--gamma"),
        ("--dt 0", "above zero"),
        ("--dt -1", "above zero"),
        ("--dt often", "often"),
        ("--dt 1e-320 --discard 0", "number of steps"),
        ("--dt 0.3", "whole number of steps"),
        ("--duration 0", "shorter than the duration"),
        ("--duration nan", "shorter than the duration"),
        ("--duration inf", "duration inf"),
        ("--discard 20", "shorter than the duration"),
        ("--discard -1", "shorter than the duration"),
        ("--discard 19.5", "at least 10 steps"),
        ("--networks 0", "--networks"),
        ("--exponents 0", "--exponents"),
        ("--exponents 21", "21 exponents"),
        ("--activation nope", "nope"),
        ("--activation power:-1", "above zero"),
        ("--weights nope", "nope"),
        ("--weights missing.npy", "missing.npy"),
        ("--weights gaussian:0", "size 0"),
        ("--weights ei:mad:20", "mad"),
        ("--seed -1", "--seed"),
        ("--bogus 1", "--bogus"),
    ],
)
def test_invalid_input_is_reported_in_one_line_and_writes_nothing(noisette, tmp_path, options, message):
    result = noisette(f"{QUICK} {options} --out", str(tmp_path / "new" / "c"))
    assert (result.status, result.out) == (2, "")
    assert result.err.count("noisette:") == 1  # other lines, if any, report progress
    assert result.err.startswith("noisette: ")
    assert message in result.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("matrix", [np.ones((2, 3)), np.array([[1.0, np.nan], [0.0, 1.0]])])
def test_unreadable_files_are_reported_in_one_line(noisette, tmp_path, matrix):
    np.save(tmp_path / "w.npy", matrix)
    result = noisette(f"{QUICK} --json --weights", str(tmp_path / "w.npy"))
    assert (result.status, result.out) == (2, "")
    assert result.err.count("noisette:") == 1  # other lines, if any, report progress
    assert "w.npy" in result.err


def test_networks_of_a_family_are_those_of_the_preset():
    drawn = nz.weights.ensemble("gaussian:20", 3)
    expected = nz.weights.gaussian(20, 20**-0.5, self_coupling=False, key=jax.random.fold_in(jax.random.key(3), 1))
    np.testing.assert_array_equal(drawn(1), expected)


@pytest.mark.slow
def test_a_file_has_few_gains_around_its_onset(noisette, tmp_path):
    matrix = 4 * np.eye(5)[::-1]  # symmetric, with the eigenvalues 4 and -4: unstable at rest for g > 0.25
    np.save(tmp_path / "w.npy", matrix)
    result = noisette(f"chaos --weights {tmp_path / 'w.npy'} --dt 0.02 --json").json
    assert result["gain"] == [0.125, 0.2, 0.25, 0.3, 0.375, 0.5, 0.75, 1]
    assert result["kinetic_energy"] == pytest.approx([0] * 8, abs=1e-4)
    # At rest μ = 4g − 1. At gain 1, x = 4 tanh(x), φ' = 1 − (x/4)² = 0.00134, and μ = 4φ' − 1 = −0.9946.
    expected = np.log1p(0.02 * np.array([-0.5, -0.2, -0.9946])) / 0.02  # exponents of Euler's method
    np.testing.assert_allclose(np.array(result["lyapunov"])[[0, 1, -1]], expected, atol=0.002)
    short = noisette(f"chaos --weights {tmp_path / 'w.npy'} --gain 1 --dt 0.02 --duration 10 --discard 1")
    assert "By default a FILE has 2 initial states and runs of 10 τ, of which 1 τ are discarded" in short.out

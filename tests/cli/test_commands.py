"""The output of commands that other tools read."""

import json

import numpy as np
import pytest

import noisette as nz
from noisette.cli._input import numbers
from noisette.studies import load

KEYS = {
    "noise",
    "entropy",
    "information",
    "divergence",
    "optimal_noise",
    "optimal_information",
    "estimator",
    "units",
    "method",
    "reason",
    "alternative",
}


@pytest.mark.slow
def test_resonance_json(noisette):
    result = noisette("resonance --weights autapses:10 --noise 0,4,50 --json")
    assert result.status == 0
    assert result.out.count("\n") == 1
    assert set(result.json) == KEYS
    assert result.json["noise"] == [0, 4, 50]
    np.testing.assert_allclose(result.json["information"], [3.2837, 4.5442, 0.0909], atol=5e-5)
    np.testing.assert_allclose(result.json["optimal_noise"], 2.4253, atol=5e-5)
    np.testing.assert_allclose(result.json["optimal_information"], 4.9320, atol=5e-5)
    assert (result.json["estimator"], result.json["units"]) == ("fixed-start", "bit")


def test_resonance_range_includes_its_end(noisette):
    result = noisette("resonance --weights hopfield:24,7:10 --noise 0:50:1 --start 24 --json")
    assert result.json["noise"] == list(range(51))
    np.testing.assert_allclose(result.json["entropy"][23], 3.3752, atol=5e-5)


@pytest.mark.slow
def test_resonance_stationary_optimum(noisette):
    result = noisette("resonance --weights hopfield:24,7:10 --noise 0:50:1 --estimator stationary --json")
    np.testing.assert_allclose(result.json["optimal_noise"], 21.7507, atol=5e-5)
    np.testing.assert_allclose(result.json["optimal_information"], 1.24132, atol=5e-6)


@pytest.mark.slow
def test_resonance_without_stationary_distribution_is_null(noisette):
    result = noisette("resonance --weights autapses:10 --noise 0,4 --estimator stationary --deterministic --json")
    assert result.json["information"][0] is None
    assert result.json["information"][1] > 4.7


@pytest.mark.slow
def test_resonance_reports_the_kind_of_optimum(noisette):
    line = "resonance --weights autapses:10:2 --noise 0,4,9 --estimator stationary"
    assert (
        "no maximum between r = 0 and 9: it is greatest, 2 bit, at an edge" in noisette(f"{line} --deterministic").out
    )
    assert "at an edge, r = 0, where there is no noise" in " ".join(noisette(line).out.split())
    assert "no single strength is best" in noisette("resonance --weights autapses:0:2 --noise 0,4,9").out
    assert "has its maximum" in noisette("resonance --weights autapses:10:2 --noise 0,4,9").out


@pytest.mark.slow
def test_resonance_single_run_has_errors_and_a_seed(noisette):
    line = "resonance --weights nrooks:20 --noise 7 --estimator single-run --steps 500 --runs 4 --json --seed "
    first, again, other = noisette(line + "1"), noisette(line + "1"), noisette(line + "2")
    assert first.out == again.out
    assert first.json["information"] != other.json["information"]
    assert set(first.json) > KEYS - {"reason", "alternative"}  # of a choice that the command makes
    assert first.json["information_se"][0] > 0


def test_resonance_common_differs(noisette):
    result = noisette("resonance --weights autapses:10 --noise 50 --common --json")
    assert result.json["entropy"][0] == pytest.approx(1.3731, abs=5e-5)


@pytest.mark.slow
def test_resonance_saves_data_and_figure(noisette, tmp_path):
    result = noisette("resonance --weights autapses:10 --noise 0,4,50 --out", str(tmp_path / "r"))
    assert result.status == 0
    assert "Noise helps" in result.out
    assert {p.name for p in (tmp_path / "r").iterdir()} == {"resonance.nc", "resonance.png", "resonance.pdf"}
    data = load(tmp_path / "r" / "resonance.nc")
    assert data.attrs["estimator"] == "fixed-start"
    assert data.attrs["method"] == "exact"
    assert json.loads(data.attrs["configuration"])["steps"] == 10_000
    assert "Recurrence resonance" in noisette("cite", str(tmp_path / "r" / "resonance.nc")).out


def test_resonance_of_a_file(noisette, tmp_path):
    w5 = [[1, -2, 3, 0, -1], [2, 0, -1, 1, -3], [-1, 3, 2, -2, 0], [0, 1, -2, -1, 3], [3, -1, 0, 2, 1]]
    np.savetxt(tmp_path / "w.csv", w5, delimiter=",")
    result = noisette("resonance --noise 3 --steps 1000 --json --weights", str(tmp_path / "w.csv"))
    np.testing.assert_allclose(result.json["entropy"], [4.830442], atol=5e-7)
    passage = noisette("passage --noise 3 --from 0 --to 31 --json --weights", str(tmp_path / "w.csv"))
    np.testing.assert_allclose(passage.json["steps"], 79.761494, atol=5e-7)


def test_attractors_json(noisette):
    assert noisette("attractors --weights hopfield:24,7:10 --json").json == {
        "fixed_points": [7, 24],
        "cycles": [],
        "basins": [16, 16],
    }
    rooks = noisette("attractors --weights nrooks:20 --json").json
    assert [len(c) for c in rooks["cycles"]] == [8, 8, 8, 8]
    assert rooks["basins"] == [8, 8, 8, 8]
    assert "8-cycle" in noisette("attractors --weights nrooks:20").out


def test_passage_times(noisette):
    result = noisette("passage --weights hopfield:24,7:10 --noise 23 --from 24 --to 7 --json").json
    np.testing.assert_allclose(result["steps"], 58.55637, atol=5e-6)
    assert "return" in noisette("passage --weights nrooks:20 --noise 7 --from 0 --to 0").out


@pytest.mark.parametrize(("flag", "expected"), [("", 0.359298), (" --deterministic", 0.328518)])
def test_switch_probability(noisette, flag, expected):
    result = noisette("switch --weights autapses:10 --pulse 7 --relaxation 50 --json" + flag).json
    assert result["probability"] == pytest.approx(expected, abs=5e-7)
    assert result["attractors"] == [[code] for code in range(32)]
    np.testing.assert_allclose(np.sum(result["matrix"], axis=1), 1, atol=1e-9)


def test_switch_with_an_infinite_pulse(noisette):
    result = noisette("switch --weights hopfield:24,7:10 --pulse inf --json").json
    assert result["probability"] == pytest.approx(0.5)


def test_list_names_everything(noisette):
    text = noisette("list").out
    names = ["autapses:W[:N]", "boltzmann", "sign", "white:σ", "common:c", "JointStates", "recurrence-resonance"]
    assert all(name in text for name in [*names, "fig1", "fig2a", "fig2b", "fig2c", "subset", "pulses", "passage"])
    sections = {"weights", "activations", "noises", "networks", "probes", "tasks", "measures", "papers"}
    assert set(noisette("list --json").json) == sections


def test_help_has_an_example(noisette):
    for command in ("resonance", "attractors", "passage", "switch", "reproduce"):
        assert "Example" in noisette(f"{command} --help").out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("resonance --weights nope", "nope"),
        ("resonance --weights missing.npy", "missing.npy"),
        ("resonance --weights autapses:x", "autapses:x"),
        ("resonance --weights autapses:10:0", "size 0"),
        ("attractors --weights hopfield:45:10", "45"),
        ("resonance --weights autapses:10 --noise=-1,2", "-1"),
        ("resonance --weights autapses:10 --noise nan", "nan"),
        ("resonance --weights autapses:10 --noise 5:1:1", "5:1:1"),
        ("resonance --weights autapses:10 --noise a,b", "a,b"),
        ("resonance --weights autapses:10 --steps 0", "0"),
        ("resonance --weights autapses:10 --steps many", "steps"),
        ("resonance --weights autapses:10 --start 32", "32"),
        ("resonance --weights autapses:10 --start x", "x"),
        ("resonance --weights autapses:10 --noise 1 --estimator single-run --start uniform", "uniform"),
        ("resonance --weights autapses:10 --noise 1 --estimator rao-blackwell --common", "shared"),
        ("resonance --weights autapses:10 --noise 1 --estimator single-run --units 0,9", "units"),
        ("resonance --weights autapses:10 --noise 1 --units 0,1 --estimator fixed-start", "single-run"),
        ("resonance --weights autapses:10 --estimator best", "best"),
        ("resonance --weights autapses:10 --noise 1 --estimator single-run --runs 1", "1 runs"),
        ("resonance --weights autapses:10:40 --estimator fixed-start", "2^40"),
        ("resonance --weights autapses:10:40 --estimator single-run", "units"),
        ("attractors --weights gaussian:25 --starts 1", "starts 1"),
        ("conditional-entropy --weights gaussian:25 --method exact", "2^25"),
        ("conditional-entropy --weights gaussian:25 --method guess", "guess"),
        ("conditional-entropy --weights gaussian:25 --common", "shared"),
        ("chaos --weights gaussian:5 --noise withe:1", "withe"),
        ("correlations", "--gain"),
        ("correlations --weights gaussian:25 --size 9", "--size"),
        ("attractors --weights nrooks:20 --ties coin", "coin"),
        ("passage --weights autapses:10:14 --noise 1 --from 0 --to 1", "2^14"),
        ("passage --weights autapses:10 --noise=-3 --from 0 --to 1", "-3"),
        ("passage --weights autapses:10 --noise 1 --from 0 --to 99", "99"),
        ("passage --weights autapses:10 --noise 1 --from 0", "--to"),
        ("switch --weights autapses:10 --pulse=-1", "-1"),
        ("switch --weights autapses:10 --pulse 1 --relaxation=-1", "-1"),
        ("reproduce nothing", "nothing"),
        ("reproduce recurrence-resonance fig9", "fig9"),
        ("reproduce recurrence-resonance fig1 --scale huge", "huge"),
        ("cite nothing.nc", "nothing.nc"),
        ("unknown", "unknown"),
        ("resonance --wieghts autapses:10", "wieghts"),
    ],
)
def test_invalid_input_is_reported_in_one_line(noisette, line, named, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = noisette(line)
    assert result.status == 2
    assert result.out == ""
    assert result.err.count("\n") == 1
    assert result.err.startswith("noisette: ")
    assert named in result.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("matrix", "named"),
    [(np.ones((2, 3)), "(2, 3)"), (np.array([[1.0, np.nan], [0, 1]]), "NaN"), (np.ones(4), "(4,)")],
)
def test_invalid_matrices_are_refused(noisette, tmp_path, matrix, named):
    np.save(tmp_path / "w.npy", matrix)
    result = noisette("resonance --json --weights", str(tmp_path / "w.npy"))
    assert (result.status, result.out) == (2, "")
    assert named in result.err


def test_unwritable_folder(noisette, tmp_path):
    (tmp_path / "file").touch()
    result = noisette("resonance --weights autapses:10 --noise 1 --out", str(tmp_path / "file" / "x"))
    assert result.status == 2
    assert "cannot be written" in result.err


def test_numbers():
    assert numbers("0:1:0.1", "noise").tolist()[-1] == pytest.approx(1.0)
    assert len(numbers("0:1:0.1", "noise")) == 11
    assert numbers("7", "noise").tolist() == [7.0]
    with pytest.raises(nz.InputError):
        numbers("0:1e9:1e-9", "noise")

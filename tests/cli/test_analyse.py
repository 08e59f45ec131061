"""The contract of `noisette analyse`, on a network that the original TensorFlow program trained, and on bad files."""

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from noisette.networks import TaskNetwork
from noisette.studies import load
from noisette.training import save

PUBLISHED = Path(__file__).parent.parent / "data" / "gonogo_spikeRNN_tf1.mat"
ANATOMY = ["units", "excitatory", "inhibitory", "tau_excitatory", "tau_inhibitory", "connections"]
DYNAMICS = ["accuracy", "residual", "largest_eigenvalue", "mean_ipr_left_top10", "dominant"]


def test_without_a_task_quantities_that_need_one_are_null(noisette):
    result = noisette(f"analyse {PUBLISHED} --json")
    assert (result.status, result.out.count("\n")) == (0, 1)
    assert list(result.json) == ANATOMY + DYNAMICS
    assert (result.json["units"], result.json["excitatory"], result.json["inhibitory"]) == (200, 141, 59)
    # from → to: numbers of weights above zero, counted in the file
    assert result.json["connections"] == {"EE": 554, "EI": 530, "IE": 1508, "II": 287}
    assert result.json["tau_excitatory"] == pytest.approx(48.638, abs=1e-3)
    assert result.json["tau_inhibitory"] == pytest.approx(63.544, abs=1e-3)
    assert [result.json[name] for name in DYNAMICS] == [None] * 5


@pytest.mark.slow
def test_with_a_task_the_whole_analysis_runs(noisette, tmp_path):
    result = noisette(f"analyse {PUBLISHED} --task go-nogo --trials 20 --json --out", str(tmp_path / "a"))
    assert (result.status, result.out.count("\n")) == (0, 1)
    assert list(result.json) == ANATOMY + DYNAMICS
    assert result.json["accuracy"] >= 0.95  # 1.0 is stored in the file
    assert result.json["largest_eigenvalue"] < 0
    assert 0 < result.json["residual"] < 2
    assert 1 / 200 < result.json["mean_ipr_left_top10"] < 1
    assert 1 <= result.json["dominant"] <= 200
    assert {file.name for file in (tmp_path / "a").iterdir()} == {"analysis.nc", "analysis.png", "analysis.pdf"}
    data = load(tmp_path / "a" / "analysis.nc")
    assert data.eigenvalue.attrs["units"] == "1/s"
    assert float(data.largest.max()) == result.json["largest_eigenvalue"]
    assert float(data.residual.max()) == result.json["residual"]
    assert int(data.dominant.sum()) == result.json["dominant"]
    assert data.tau.sizes == {"unit": 200}
    assert data.attrs["task"] == "noisette.tasks.gonogo:GoNoGo"
    # it has neither a delay nor a dominant set, which is reported
    assert data.attrs["window"] == "response"
    assert "GoNoGo has no delay" in result.err
    assert "response window, 375 to 995 ms" in result.err
    assert result.json["dominant"] == 200
    assert "all 200 units have non-zero entries" in result.err
    assert "no dominant set" in result.err


@pytest.mark.slow
def test_a_network_with_a_dominant_set_in_a_task_with_a_delay_needs_no_note(noisette):
    stored = files("noisette.papers.working_memory") / "data" / "c10.npz"
    result = noisette(f"analyse {stored} --task dms --trials 4")
    assert "noisette:" not in result.err
    assert "window: delay" in result.out
    assert "no dominant set" not in result.out


def test_without_json_the_result_is_a_table(noisette):
    result = noisette(f"analyse {PUBLISHED}")
    assert "EE 554, EI 530, IE 1508, II 287" in result.out
    assert "mean τ of excitatory units, ms" in result.out
    assert "Give --task" in result.out


def small(**changed):
    """Return a network of one unit of each type with three connections."""
    parameters = {"weights": [[0.0, 0.5], [0.2, 0.1]], "signs": [1, -1], "logits": [0.0, 800.0]} | changed
    return TaskNetwork(**parameters, input_weights=[[1.0], [0.0]], readout=[[1.0, 0.0]])


@pytest.mark.slow
def test_anatomy_of_two_units_by_hand_and_its_figure(noisette, tmp_path):
    file = save(small(), tmp_path / "two.npz")
    result = noisette(f"analyse {file} --json --out", str(tmp_path / "a"))
    assert result.json["connections"] == {"EE": 0, "EI": 1, "IE": 1, "II": 1}
    assert (result.json["tau_excitatory"], result.json["tau_inhibitory"]) == (72.5, 125.0)
    assert (tmp_path / "a" / "analysis.png").stat().st_size > 1000
    alone = save(small(signs=[1, 1]), tmp_path / "one.npz")
    assert noisette(f"analyse {alone} --json").json["tau_inhibitory"] is None


def rewritten(path, **changed):
    with np.load(save(small(), path)) as kept:
        arrays = dict(kept) | changed
    np.savez(path, **{name: values for name, values in arrays.items() if values is not None})


BROKEN = {
    "missing keys": ({"logits": None}, "lacks logits"),
    "shapes": ({"signs": np.ones(3)}, "signs of shape (3,)"),
    "nan": ({"weights": np.full((2, 2), np.nan)}, "4 values that are NaN"),
    "range": ({"tau_range": np.array([125.0, 20.0])}, "tau range 125 … 20 ms"),
    "pickled": ({"weights": np.array([[{}]])}, "without pickled objects"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_invalid_networks_are_reported_in_one_line(noisette, tmp_path, case):
    changed, named = BROKEN[case]
    rewritten(tmp_path / "n.npz", **changed)
    result = noisette(f"analyse {tmp_path / 'n.npz'} --out {tmp_path / 'a'}")
    assert (result.status, result.out, result.err.count("\n")) == (2, "", 1)
    assert named in result.err
    assert "n.npz" in result.err
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("missing.npz", "missing.npz' does not exist"),
        ("n.txt", "ends in '.txt'"),
        ("n.npz --task nothing", "tasks are dms"),
        ("n.npz --task ctx", "4 input channels; the network has 1"),
        ("n.npz --task afc --delay 50", "delay"),
        ("n.npz --task dms --delay 12", "delay of 12 ms"),
        ("n.npz --task afc --score best", "best"),
        ("n.npz --task afc --trials 0", "trials"),
        ("n.npz --delay 250", "--task"),
    ],
)
def test_invalid_input_is_reported_in_one_line_and_writes_nothing(noisette, line, named, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save(small(), tmp_path / "n.npz")
    (tmp_path / "n.txt").touch()
    result = noisette(f"analyse {line} --out a")
    assert (result.status, result.out, result.err.count("\n")) == (2, "", 1)
    assert result.err.startswith("noisette: ")
    assert named in result.err
    assert not (tmp_path / "a").exists()

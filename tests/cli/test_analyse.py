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


def test_without_a_task_what_needs_one_is_null(noisette):
    found = noisette(f"analyse {PUBLISHED} --json")
    assert (found.status, found.out.count("\n")) == (0, 1)
    assert list(found.json) == ANATOMY + DYNAMICS
    assert (found.json["units"], found.json["excitatory"], found.json["inhibitory"]) == (200, 141, 59)
    # from → to: these weights that are above zero were counted in the file itself
    assert found.json["connections"] == {"EE": 554, "EI": 530, "IE": 1508, "II": 287}
    assert found.json["tau_excitatory"] == pytest.approx(48.638, abs=1e-3)
    assert found.json["tau_inhibitory"] == pytest.approx(63.544, abs=1e-3)
    assert [found.json[name] for name in DYNAMICS] == [None] * 5


@pytest.mark.slow
def test_with_its_task_it_goes_through_the_whole_analysis(noisette, tmp_path):
    found = noisette(f"analyse {PUBLISHED} --task go-nogo --trials 20 --json --out", str(tmp_path / "a"))
    assert (found.status, found.out.count("\n")) == (0, 1)
    assert list(found.json) == ANATOMY + DYNAMICS
    assert found.json["accuracy"] >= 0.95  # 1.0 is stored in the file
    assert found.json["largest_eigenvalue"] < 0
    assert 0 < found.json["residual"] < 2
    assert 1 / 200 < found.json["mean_ipr_left_top10"] < 1
    assert 1 <= found.json["dominant"] <= 200
    assert {file.name for file in (tmp_path / "a").iterdir()} == {"analysis.nc", "analysis.png", "analysis.pdf"}
    data = load(tmp_path / "a" / "analysis.nc")
    assert data.eigenvalue.attrs["units"] == "1/s"
    assert float(data.largest.max()) == found.json["largest_eigenvalue"]
    assert float(data.residual.max()) == found.json["residual"]
    assert int(data.dominant.sum()) == found.json["dominant"]
    assert data.tau.sizes == {"unit": 200}
    assert data.attrs["task"] == "noisette.tasks.gonogo:GoNoGo"
    # it has no delay, and no dominant set: both are said
    assert data.attrs["window"] == "response"
    assert "GoNoGo has no delay" in found.err
    assert "response window, 375 to 995 ms" in found.err
    assert found.json["dominant"] == 200
    assert "all 200 units take part" in found.err
    assert "no dominant set" in found.err


@pytest.mark.slow
def test_a_network_with_a_dominant_set_in_a_task_with_a_delay_needs_no_note(noisette):
    stored = files("noisette.papers.working_memory") / "data" / "c10.npz"
    found = noisette(f"analyse {stored} --task dms --trials 4")
    assert "noisette:" not in found.err
    assert "window: delay" in found.out
    assert "no dominant set" not in found.out


def test_for_a_person_it_is_a_table(noisette):
    found = noisette(f"analyse {PUBLISHED}")
    assert "EE 554, EI 530, IE 1508, II 287" in found.out
    assert "mean τ of excitatory units, ms" in found.out
    assert "Give --task" in found.out


def small(**changed):
    """Return one unit of each kind, three connections."""
    given = {"weights": [[0.0, 0.5], [0.2, 0.1]], "signs": [1, -1], "logits": [0.0, 800.0]} | changed
    return TaskNetwork(**given, input_weights=[[1.0], [0.0]], readout=[[1.0, 0.0]])


def test_anatomy_of_two_units_by_hand_and_its_figure(noisette, tmp_path):
    file = save(small(), tmp_path / "two.npz")
    found = noisette(f"analyse {file} --json --out", str(tmp_path / "a"))
    assert found.json["connections"] == {"EE": 0, "EI": 1, "IE": 1, "II": 1}
    assert (found.json["tau_excitatory"], found.json["tau_inhibitory"]) == (72.5, 125.0)
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
def test_what_is_no_network_is_one_line(noisette, tmp_path, case):
    changed, named = BROKEN[case]
    rewritten(tmp_path / "n.npz", **changed)
    found = noisette(f"analyse {tmp_path / 'n.npz'} --out {tmp_path / 'a'}")
    assert (found.status, found.out, found.err.count("\n")) == (2, "", 1)
    assert named in found.err
    assert "n.npz" in found.err
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
def test_bad_input_is_one_line_and_writes_nothing(noisette, line, named, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save(small(), tmp_path / "n.npz")
    (tmp_path / "n.txt").touch()
    found = noisette(f"analyse {line} --out a")
    assert (found.status, found.out, found.err.count("\n")) == (2, "", 1)
    assert found.err.startswith("noisette: ")
    assert named in found.err
    assert not (tmp_path / "a").exists()

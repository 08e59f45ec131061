"""Output that is never lost: parallel starts, full disks, closed streams, and encodings that lack letters."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from noisette import plots
from noisette.cli import _output, _streams
from noisette.errors import InputError
from noisette.studies import load, save

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "parallel_starts.py"
DATA = xr.Dataset({"y": ("x", np.random.default_rng(0).random(20_000))})


@pytest.mark.slow
def test_parallel_starts_into_new_folders():
    line = [sys.executable, BENCHMARK, "--rounds", "11", "--processes", "3"]
    done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "0 failures in 11 rounds of 3 parallel starts"), done.stderr


def test_checking_a_folder_changes_nothing(tmp_path):
    (tmp_path / "old").mkdir()
    before = os.stat(tmp_path).st_ino, sorted(tmp_path.rglob("*"))
    for name in ("old", "old/new", "new/newer/newest"):
        assert _output.folder(tmp_path / name) == tmp_path / name
    assert (os.stat(tmp_path).st_ino, sorted(tmp_path.rglob("*"))) == before
    assert _output.folder(None) is None


@pytest.mark.parametrize("name", ["file", "file/new", "x" * 300, "new/" + "x" * 300, "a\0b"])
def test_folders_that_cannot_be_created_are_refused(tmp_path, name):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written") as error:
        _output.folder(tmp_path / name)
    assert "\n" not in str(error.value)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file"]


@pytest.fixture
def small_disk(tmp_path):
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    if os.name != "posix" or os.getuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("needs root, to mount a small disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_data_are_saved_elsewhere_if_the_disk_is_full(small_disk):
    (small_disk / "before").write_text("kept")
    with pytest.raises(InputError, match=r"a.nc'.*No space left on device, about 16\d kB needed, .* free") as error:
        save(DATA, small_disk / "new" / "a.nc")
    elsewhere = Path(str(error.value).rpartition("saved as '")[2].partition("'")[0])
    xr.testing.assert_identical(load(elsewhere), DATA)
    elsewhere.unlink()
    elsewhere.parent.rmdir()
    with plots.style():
        drawing = plots.figure(8, 8)
        drawing.subplots().plot(DATA.y[:5000])
    with pytest.raises(InputError, match=r"figure.png'.*No space left"):
        plots.save(drawing, small_disk / "figure")
    assert sorted(path.name for path in small_disk.rglob("*")) == ["before", "new"]


def test_a_figure_of_another_process_is_not_disturbed(tmp_path):
    """A file in the place of the former common temporary name is neither used nor removed."""
    (tmp_path / ".f.part.png").write_text("of another process")
    with plots.style():
        drawing = plots.figure(1, 1)
    paths = plots.save(drawing, tmp_path / "f")
    assert [path.name for path in paths] == ["f.png", "f.pdf"]
    assert (tmp_path / ".f.part.png").read_text() == "of another process"
    assert plots.save(drawing, tmp_path / "v1.5")[0].name == "v1.5.png"


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8"])
def test_every_encoding_prints_every_letter(encoding, monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    _streams.prepare()
    print("Δ₀ ≤ σ²: λ → ∞ − Poincaré 雪")
    _output.show_table("γ", ["Σ"], [["…"]])
    _output.show_json({"name": "σ 雪"})
    sys.stdout.flush()
    lines = raw.getvalue().decode(encoding).splitlines()
    expected = {
        "utf-8": "Δ₀ ≤ σ²: λ → ∞ − Poincaré 雪",
        "ascii": "Delta0 <= sigma^2: lambda -> inf - Poincare ?",
    }.get(encoding, "Delta0 <= sigma²: lambda -> inf - Poincaré ?")
    assert lines[0] == expected
    assert json.loads(lines[-1]) == {"name": "σ 雪"}


def test_standard_output_may_be_closed(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(sys, "stderr", None)
    _streams.prepare()
    _output.show_json({"x": 1})
    _output.show_table("t", ["a"], [[1]])
    assert _streams.finish()
    sys.stdout.close()
    sys.stderr.close()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux")
def test_a_result_is_saved_although_it_cannot_be_printed(tmp_path):
    line = [sys.executable, "-m", "noisette", "meanfield", "--gain", "0.5", "--noise", "white:0.1", "--out"]
    with open("/dev/full", "w") as full:
        done = subprocess.run([*line, tmp_path / "a"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == (
        "noisette: standard output cannot be written (No space left on device); saved files are complete\n"
    )
    assert load(tmp_path / "a" / "meanfield.nc").sizes["gain"] == 1
    closed = subprocess.run(["sh", "-c", '"$@" >&-', "sh", *line, tmp_path / "b"], stderr=subprocess.PIPE, check=False)
    assert (closed.returncode, closed.stderr) == (0, b"")
    assert (tmp_path / "b" / "meanfield.nc").is_file()

"""The persistent cache of compiled programs: what is kept, where, and that results do not depend on it."""

import json
import os
import subprocess
import sys
import time
import zlib
from pathlib import Path

import jax
import pytest

import noisette as nz
from noisette import compilation_cache
from noisette.compilation_cache import _limit, cache_folder, clear_excess_programs
from noisette.studies import Serial, Study, _measurement

RUN = """
import json, sys
counts = dict.fromkeys(["cache_hits", "cache_misses"], 0)
import noisette as nz
from jax import monitoring
def count(name, **_):
    counts[name.rpartition("/")[2]] = counts.get(name.rpartition("/")[2], 0) + 1
monitoring.register_event_listener(count)
network = nz.RateNetwork(nz.weights.gaussian(5, key=0), noise=nz.White(0.1))
data = nz.simulate(network, duration=1.0, dt=0.1, key=0)
print(json.dumps({**counts, "final": data.final.values.tobytes().hex(), "attrs": str(data.attrs)}))
"""


def run(setting, **variables):
    """Return the cache hits and misses of a new process that simulates a network, and its result."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("JAX_")}
    environment = kept | {"NOISETTE_CACHE": str(setting)} | variables
    done = subprocess.run([sys.executable, "-c", RUN], env=environment, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return json.loads(done.stdout)


@pytest.mark.slow
def test_a_second_process_compiles_nothing_and_has_the_same_results(tmp_path):
    first, second, without = run(tmp_path), run(tmp_path), run("off")
    assert first["cache_misses"] > 5
    assert (second["cache_misses"], second["cache_hits"]) == (0, first["cache_misses"] + first["cache_hits"])
    assert without["cache_hits"] == without["cache_misses"] == 0
    for name in ("final", "attrs"):
        assert first[name] == second[name] == without[name]
    assert str(tmp_path) not in first["attrs"]


@pytest.mark.slow
def test_a_folder_that_cannot_be_written_is_not_used(tmp_path):
    (tmp_path / "file").write_text("")
    assert run(tmp_path / "file")["cache_misses"] == 0


@pytest.mark.slow
def test_the_folder_that_a_user_sets_for_jax_is_used(tmp_path):
    run(tmp_path / "ours", JAX_COMPILATION_CACHE_DIR=str(tmp_path / "theirs"))
    assert not (tmp_path / "ours").exists()


def test_the_folder_is_in_the_cache_folder_of_the_user(tmp_path, monkeypatch):
    monkeypatch.setenv("NOISETTE_CACHE", " OFF ")
    assert cache_folder() is None
    monkeypatch.setenv("NOISETTE_CACHE", "~/own")
    assert cache_folder().parent == Path("~/own").expanduser()
    monkeypatch.delenv("NOISETTE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    if sys.platform == "linux":
        assert cache_folder().parent == tmp_path / "noisette"
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("damage", [b"x\x9c", b"other"])
def test_damaged_programs_are_compiled_without_a_warning(tmp_path, damage):
    first = run(tmp_path)
    programs = list(tmp_path.rglob("*-cache"))
    assert len(programs) == first["cache_misses"]
    for path in programs:
        path.write_bytes(damage)
    second = run(tmp_path)
    assert (second["cache_hits"], second["final"]) == (0, first["final"])


def write(path, content, age):
    """Write a file that is `age` seconds old."""
    path.write_bytes(content)
    os.utime(path, (time.time() - age,) * 2)


def test_the_oldest_programs_are_removed_once_an_hour(tmp_path):
    for age in range(5):
        write(tmp_path / f"program{age}", zlib.compress(os.urandom(1000)), 100 + age)
    size = (tmp_path / "program0").stat().st_size
    _limit(tmp_path, 3 * size)
    kept = {"program0", "program1", "program2", "checked"}
    assert {path.name for path in tmp_path.iterdir()} == kept
    _limit(tmp_path, 0)
    assert {path.name for path in tmp_path.iterdir()} == kept
    os.utime(tmp_path / "checked", (time.time() - 4000,) * 2)
    _limit(tmp_path, 0)
    assert {path.name for path in tmp_path.iterdir()} == {"checked"}


def test_damaged_programs_are_removed_unless_they_may_still_be_written(tmp_path):
    whole = zlib.compress(os.urandom(1000))
    for name, content in {"whole": whole, "zstd": b"\x28\xb5\x2f\xfd", "half": whole[:500], "empty": b""}.items():
        write(tmp_path / f"{name}, old", content, 100)
        write(tmp_path / f"{name}, new", content, 10)
    _limit(tmp_path, 10**6)
    assert {path.name for path in tmp_path.iterdir() if path.name.endswith("old")} == {"whole, old", "zstd, old"}
    assert len([path for path in tmp_path.iterdir() if path.name.endswith("new")]) == 4
    for path in tmp_path.glob("*, new"):
        os.utime(path, (time.time() - 3590,) * 2)
    os.utime(tmp_path / "checked", (time.time() - 3600,) * 2)
    _limit(tmp_path, 10**6)
    assert {path.name for path in tmp_path.iterdir() if path.name.endswith("new")} == {"whole, new", "zstd, new"}


def test_programs_are_cleared_beyond_a_number_of_memory_maps(monkeypatch, tmp_path):
    program = jax.jit(lambda x: x + 1)
    program(1.0)
    assert not clear_excess_programs(10**9)
    assert program._cache_size() == 1
    if compilation_cache.MAPS.exists():
        assert clear_excess_programs(0)
        assert program._cache_size() == 0
        few = tmp_path / "few"
        few.write_text("2\n")
        monkeypatch.setattr(compilation_cache, "MOST_MAPS", few)
        assert clear_excess_programs()
    monkeypatch.setattr(compilation_cache, "MAPS", tmp_path / "none")  # other systems
    assert not clear_excess_programs(0)


def simulated(x):
    network = nz.RateNetwork(nz.weights.gaussian(5, key=0), noise=nz.White(0.1))
    return nz.simulate(network, duration=1.0 + x, dt=0.1, key=0, warn=False).final.values.sum()


@pytest.mark.slow
@pytest.mark.skipif(not compilation_cache.MAPS.exists(), reason="Linux")
def test_long_studies_clear_their_programs_between_tasks_of_several_threads(monkeypatch):
    study = Study("cleared", simulated, {"x": [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]})
    expected = study.run(executor=Serial(2))
    cleared = []
    monkeypatch.setattr(_measurement, "SECONDS_BETWEEN_CHECKS", 0.0)
    monkeypatch.setattr(_measurement, "clear_excess_programs", lambda: cleared.append(clear_excess_programs(0)))
    assert study.run(executor=Serial(2)).identical(expected)
    assert cleared == [True] * 6

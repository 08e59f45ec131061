"""The comparison of speed: exponents, comparison of results, tables and files, and the protocol of its processes."""

import importlib.util
import io
import json
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"
ECHO = f"""
import sys, time
sys.path.insert(0, {str(FOLDER)!r})
from _peer_worker import Work, serve

def echo(value):
    if value < 0:
        raise ValueError("negative")
    print("output of a contender")  # must not be mixed with the answers
    return Work(lambda steps, seed: time.sleep(0.001 * steps), lambda _: {{"value": [value, 0.1]}})

serve({{"echo": echo}})
"""


@pytest.fixture(scope="module", autouse=True)
def _plain_names():
    """The files of the benchmarks import each other by plain names."""
    sys.path.insert(0, str(FOLDER))
    yield
    sys.path.remove(str(FOLDER))


@pytest.fixture
def echo(tmp_path):
    from _peer_worker import Worker

    script = tmp_path / "echo.py"
    script.write_text(ECHO)
    with Worker(sys.executable, script) as worker:
        yield worker


def test_exponents_of_power_laws():
    from _peers_growth import Growth, exponent, growth_rows

    numbers = [100, 400, 1600]
    slope, least, most = exponent(numbers, [3e-6 * n**1.5 for n in numbers])
    assert slope == pytest.approx(1.5)
    assert (least, most) == pytest.approx((1.5, 1.5))
    bent = [1.0, 4.0, 64.0]
    assert exponent(numbers, bent) == pytest.approx((1.5, 1.0, 2.0))
    row = growth_rows([Growth("case", "N", numbers, bent, [8.0 * n**2 * 1e3 for n in numbers])])[0]
    assert row == ("case", "N, 100 to 1600", "1.50 (1.00–2.00)", "2.00, 80 to 20480 MB")
    flat = growth_rows([Growth("case", "steps", numbers, bent, [1e5, 0.0, 2e5])])[0]
    assert flat[-1] == "0 to 0 MB"
    with pytest.raises(ValueError, match="two points"):
        exponent([1], [1.0])


def test_a_process_answers_requests(echo):
    seconds = echo.call("echo", arguments={"value": 2}, steps=50, first=True)["seconds"]
    assert 0.05 <= seconds < 5
    assert echo.call("echo", arguments={"value": 3}, check=True)["values"] == {"value": [3, 0.1]}


def test_a_process_reports_exceptions_and_goes_on(echo):
    from _peer_worker import Failed

    with pytest.raises(Failed, match="ValueError: negative"):
        echo.call("echo", arguments={"value": -1})
    assert echo.call("echo", arguments={"value": 1})["seconds"] >= 0
    with pytest.raises(Failed, match="limit of time"):
        echo.call("echo", arguments={"value": 1}, steps=10_000, limit=0.2)
    assert echo.process.poll() is not None


def test_only_the_latest_job_is_kept():
    from _peer_worker import Work, serve

    made = []

    def job(number):
        made.append(number)
        return Work(lambda steps, seed: steps + seed, lambda out: {"sum": [out, 0.0]})

    requests = [{"job": "job", "arguments": {"number": n}, "steps": 2, "seed": 5, "check": True} for n in (1, 1, 2, 1)]
    answers, stdout = io.StringIO(), sys.stdout
    try:
        serve({"job": job}, [json.dumps(r) for r in requests], answers)
    finally:
        sys.stdout = stdout
    assert made == [1, 2, 1]
    assert [json.loads(line) for line in answers.getvalue().splitlines()] == [{"values": {"sum": [7, 0.0]}}] * 4


def compared(row):
    """Return a measured row in which the first alternative is faster and the second has other results."""
    from _peers_measure import Measured, Timed

    ours = Timed("Noisette", [2.0, 2.0, 4.0], 9.0, 0.5, 8, "yes")
    fast = Timed("numba", [1.0, 1.0, 1.0], 3.0, 0.0, 8, "yes")
    slow = Timed("JAX", [8.0, 8.0, 8.0], 3.0, 0.0, 8, "flips 2 instead of 1 ± 0.1")
    return Measured(row, [ours, slow, fast], 0.5, "word", ["torch is not installed"])


def test_tables_and_files(tmp_path):
    from _peers_measure import Speeds
    from _peers_report import document, line, markdown, write
    from _peers_rows import Demand, binary
    from _peers_section import section, write_section

    measured = compared(binary(5, 1000, 10.0))
    entry = line(measured)
    assert entry[2].startswith("numba 1 k/s")
    assert entry[3] == "0.5 (0.25–0.5)"
    assert entry[4:6] == ("JAX 4", "word: 25 %")
    assert entry[-2:] == ("JAX: flips 2 instead of 1 ± 0.1", "≥ 10 × numba: NO")
    assert line(measured._replace(timed=measured.timed[1:])) is None
    speeds = Speeds(None)
    speeds.best = {"word": (Demand("word", 1.0, {}), [3e8, 5e8])}
    text, content = markdown([measured], [], speeds, ["about"], ["note"]), document([measured], [], speeds, ["about"])
    assert "| uniform numbers | 400 M/s (300 M/s–500 M/s) |" in text
    write(tmp_path / "new", text, content)
    stored = json.loads((tmp_path / "new" / "peers.json").read_text(encoding="utf-8"))
    assert stored["rows"]["binary-5"]["contenders"]["numba"]["times"] == [1.0, 1.0, 1.0]
    assert (tmp_path / "new" / "peers.md").read_text(encoding="utf-8") == text
    readme = tmp_path / "README.md"
    readme.write_text("before\n<!-- peers:start -->old<!-- peers:end -->\nafter\n")
    text = section(stored)
    assert "≥ 10 numba: 0.5, not met" in text
    assert "3.6 M/s" in text
    write_section(readme, text)
    again = readme.read_text(encoding="utf-8")
    write_section(readme, text)
    assert readme.read_text(encoding="utf-8") == again
    assert again.startswith("before")
    assert again.endswith("after\n")
    assert "old" not in again


def test_the_figure_shows_all_rows(tmp_path):
    from _peers_figure import draw
    from _peers_measure import Speeds
    from _peers_report import document
    from _peers_rows import binary, rate

    rows = [compared(row) for row in (binary(5, 1000, 10.0), rate(100, 64, True))]
    draw(document(rows, [], Speeds(None), []), tmp_path / "peers.png")
    assert (tmp_path / "peers.png").read_bytes().startswith(b"\x89PNG")


def test_results_agree_within_five_standard_errors():
    from _peers_measure import agreement, equal_error_factor
    from _peers_rows import binary

    row = binary(100, 200, 3.0)
    ours, contender = [{"flips": [0.5, 0.01]}, {"flips": [0.5, 0.01]}], row.contenders[1]
    error = math.hypot(0.01, 0.01) / math.sqrt(2)
    inside, outside = ([{"flips": [0.5 + k * error, 0.01]}] * 2 for k in (4.9, 5.1))
    assert agreement(ours, inside, row, contender) == "yes"
    assert agreement(ours, outside, row, contender).startswith("flips 0.551 instead of 0.5")
    assert agreement(ours, [{"flips": [math.nan, 0.01]}] * 2, row, contender).startswith("flips nan")
    assert agreement(ours, outside, row, contender._replace(compared=())) == "not compared"
    assert equal_error_factor([{"D": [0.5, 0.001]}]) == pytest.approx(4.0)


def test_rows_have_processes_and_distinct_names():
    from _peers_environments import PACKAGES, PLACES
    from _peers_rows import rows

    every = rows(False, "file")
    assert len({row.name for row in every}) == len(every) >= 19
    for row in every:
        assert len({c.label for c in row.contenders}) == len(row.contenders) >= 2
        assert row.contenders[0].label == "Noisette"
        assert {c.place for c in row.contenders} <= set(PLACES)
        assert all(c.steps or row.short for c in row.contenders)
    assert {place.environment for place in PLACES.values()} == {*PACKAGES, ""}
    assert all((FOLDER / place.script).exists() for place in PLACES.values())


@pytest.mark.slow
def test_plain_implementations_do_the_same_work():
    """NumPy and Noisette agree in a small problem, and a wrong strength of the noise is noticed."""
    import _peer_numpy
    import _peer_problems
    from _peers_measure import agreement
    from _peers_rows import binary

    import noisette as nz

    row = binary(5, 1000, 10.0)
    weights = _peer_problems.binary_weights(5)

    def ours(strength):
        network = nz.Boltzmann(weights, noise=nz.White(strength))
        data = nz.simulate(network, 300, nz.JointStates(), key=1, runs=200)
        return [_peer_problems.count_values(data.joint_states.values)]

    work = _peer_numpy.binary(5, 200, counted=True)
    other = [work.check(work.run(300, 2))]
    assert agreement(ours(_peer_problems.BINARY_NOISE), other, row, row.contenders[1]) == "yes"
    assert agreement(ours(2 * _peer_problems.BINARY_NOISE), other, row, row.contenders[1]) != "yes"


@pytest.mark.slow
def test_an_exact_chain_by_squaring_agrees_with_the_library():
    import _peer_numpy
    from _peer_problems import CHAIN_STEPS, binary_weights

    import noisette as nz

    H, information = _peer_numpy.chain(3).run(1, 0)[7]
    network = nz.Boltzmann(binary_weights(3), noise=nz.White(7.0))
    exact = nz.theory.markov.measures(network, CHAIN_STEPS)
    np.testing.assert_allclose((H, information), (exact.entropy, exact.information), atol=1e-9)


def test_deviation_of_results_of_two_devices():
    spec = importlib.util.spec_from_file_location("gpu", FOLDER / "gpu.py")
    gpu = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(gpu)
    a = {"x": [1.0, -2.0], "y": [0.0]}
    assert gpu.deviation(a, {"x": [1.0, -2.0], "y": [0.0]}) == 0
    assert gpu.deviation(a, {"x": [1.02, -2.0], "y": [0.0]}) == pytest.approx(0.01)
    assert gpu.deviation(a, {"x": [math.nan, -2.0], "y": [0.0]}) == math.inf


@pytest.mark.slow
def test_rows_of_a_gpu_run_on_the_cpu(tmp_path):
    out = tmp_path / "gpu.json"
    command = [sys.executable, str(FOLDER / "gpu.py"), "--rehearse", "--out", str(out)]
    made = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    assert [row["same"] for row in json.loads(out.read_text(encoding="utf-8"))["rows"]] == ["yes"] * 3

"""Study files from strangers: bounded names, sizes and conditions, and code that they name."""

import re
import time

import pytest

from noisette.cli import main
from noisette.errors import FailedPointsWarning, InputError, StudyFailedError
from noisette.imports import import_object, watched_imports
from noisette.studies import ProcessPool, Serial, Study, failures
from noisette.study_files import read_study

TEXT = """\
name = "onset"
repeats = 2
where = "gain < 9"
[network]
weights = "gaussian:{size}"
[measure]
kind = "lyapunov"
duration = 4.0
dt = 0.1
[grid]
size = [10, 20]
gain = { from = 0.5, to = 2.5, count = 3 }
"""
MANY = "count = 3000 }\ntau = { from = 1, to = 2, count = 1000 }"
CODE = 'def units(network, *, key, factor=1):\n    open("ran", "w").close()\n    return network.size * factor\n'
STRANGE = '[network]\nweights = "gaussian:5"\n[measure]\nkind = "strange:units"\n[grid]\nfactor = [1, 2]\n'


@pytest.fixture
def refusal(tmp_path):
    """Return a function that reads a study file with a change, and returns the message of its error."""

    def read(old, new):
        assert old in TEXT
        (tmp_path / "study.toml").write_text(TEXT.replace(old, new))
        start = time.process_time()
        with pytest.raises(InputError) as error:
            read_study(tmp_path / "study.toml")
        assert time.process_time() - start < 5
        assert "\n" not in str(error.value)
        assert len(str(error.value)) < 700
        return str(error.value)

    return read


@pytest.mark.parametrize("name", ["../x", "/etc", "", " ", "..", ".hidden", "a/b", "a\\\\b", "a\\u0000", "x" * 101])
def test_names_stay_in_the_folder_of_results(refusal, name):
    assert "study.toml line 1: name = " in (message := refusal('"onset"', f'"{name}"'))
    assert "printable characters" in message


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("count = 3", "count = 1000000000", "line 12: grid.gain = .*1000000000 values; at most 1,000,000"),
        ("count = 3", "step = 1e-300", "line 12: grid.gain = .*values; at most 1,000,000"),
        ("from = 0.5, to = 2.5, count = 3", "from = -1e308, to = 1e308, step = 1", "line 12: .*at most 1,000,000"),
        ("repeats = 2", "repeats = 1000000000", "line 2: repeats = 1000000000; .*at most 1000000"),
        ("repeats = 2", "repeats = 0", "line 2: repeats = 0; an integer of at least 1"),
        ("repeats = 2", "seed = -1", "line 2: seed = -1"),
        ("repeats = 2", "seed = 99999999999999999999", "line 2: seed = "),
        ("count = 3 }", MANY, "line 10: grid; 12,000,000 points; at most 10,000,000"),
        ("[10, 20]", "[10, 100000000]", "line 11: grid.size = 100000000; a matrix of .* would take 80 PB"),
        ("gaussian:{size}", 'gaussian:100000000"\nbias = "{size}', "line 5: network.weights = .* would take 80 PB"),
        ("dt = 0.1", "dt = 1e-12", "line 9: measure.dt = 1e-12; .*4,000,000,000,000 steps; at most 10,000,000,000"),
        ("dt = 0.1", "dt = 0", "line 9: measure.dt = 0; a number above zero"),
        ("duration = 4.0", 'duration = "a"', "line 8: measure.duration = 'a'; a number"),
        ("duration = 4.0", "duration = -1", "line 8: measure.duration = -1; a number"),
        ("repeats = 2", 'shared = ["x"]', "line 2: shared = 'x'; one of the coordinates size, gain"),
        ("repeats = 2", "shared = [[1]]", r"line 2: shared = \[1\]; one of"),
        ("[10, 20]", "[10, 10]", "line 11: grid.size = .*10 more than once"),
        ("[10, 20]", f"[{'[' * 2000}{']' * 2000}]", "is not TOML"),
    ],
)
def test_sizes_are_bounded(refusal, old, new, message):
    assert re.search(message, refusal(old, new))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ('"9**9**9 > gain"', "too large"),
        ('"2**(3**40) > gain"', "too large"),
        ("\"'a' * 10**9 > gain\"", "not a number"),
        ('"[1] * 999999999 > gain"', "not a number"),
        ('"gain.real > 1"', "contains a attribute"),
        ("\"__import__('os') > 1\"", "contains a call"),
        ('"(lambda: 1)() > gain"', "contains a"),
        ('"[x for x in [1]] == gain"', "contains a"),
        ("\"gain < 'a'\"", "not supported"),
        ('"gain > nothing"', "unknown name 'nothing'"),
        (f'"{"(" * 900}1{")" * 900}"', "1801 characters"),
        (f'"{"-" * 900}1"', "nested"),
        (f'"{"1+" * 600}1"', "1201 characters"),
        ('""', "cannot be read"),
        ('"\\u0000"', "cannot be read"),
        ("0", "a condition"),
        ('["gain > 1", 0]', "a condition"),
    ],
)
def test_conditions_are_evaluated_without_running_code(refusal, condition, message):
    text = refusal('"gain < 9"', condition)
    assert "study.toml line 3: where = " in text
    assert re.search(message, text), text


def test_conditions_compare_coordinates():
    def kept(where):
        return Study("s", lambda a, b: a, {"a": [0, 1, 2], "b": [0.5, 2.0]}, where=where).run().value.count().item()

    assert kept("a < b") == 3  # (0, 0.5), (0, 2), (1, 2)
    assert kept(["a < b", "a > 0"]) == 1
    assert kept("0 <= a < b or a == 2 and not b > 1") == 4
    assert kept("a in (0, 2) and b ** -1 > 1 - a % 2 / 4") == 2
    assert kept("a // 2 == 1 and b != inf") == 2
    with pytest.raises(InputError, match=r"fails at a = 0, b = 0.5: float division by zero"):
        kept("b / a > 1")


@pytest.fixture
def strange(tmp_path, monkeypatch):
    (tmp_path / "strange.py").write_text(CODE)
    (tmp_path / "study.toml").write_text(STRANGE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(monkeypatch, capsys, *arguments):
    monkeypatch.setattr("sys.argv", ["noisette", "run", *arguments])
    with pytest.raises(SystemExit) as end:
        main()
    return end.value.code or 0, capsys.readouterr().err


def test_code_that_a_file_names_is_reported_before_it_runs(strange, monkeypatch, capsys):
    status, errors = run(monkeypatch, capsys, "study.toml")
    lines = [line for line in errors.splitlines() if "runs code that it names, strange:units" in line]
    assert (status, len(lines)) == (0, 1)
    assert (strange / "ran").exists()


def test_code_that_a_file_names_is_refused_on_request(strange, monkeypatch, capsys):
    status, errors = run(monkeypatch, capsys, "study.toml", "--no-code")
    assert (status, errors.count("\n")) == (2, 1)
    assert "study.toml line 4: measure.kind = 'strange:units'" in errors
    assert not (strange / "ran").exists()


PLACES = {
    "a measure": STRANGE,
    "a noise of one point": '[network]\nweights = "gaussian:5"\nnoise = "{noise}"\n[measure]\nkind = "lyapunov"\n'
    'duration = 1.0\ndt = 0.1\n[grid]\nnoise = ["white:0.1", "strange.py:units"]\n',
    "weights of one point": '[network]\nweights = "{weights}"\n[measure]\nkind = "lyapunov"\n'
    'duration = 1.0\ndt = 0.1\n[grid]\nweights = ["gaussian:5", "strange:units:5"]\n',
    "a probe": '[network]\nweights = "gaussian:5"\n[measure]\nkind = "simulate"\nduration = 1.0\ndt = 0.1\n'
    'probes = { "strange:units" = {} }\n[grid]\ngain = [1, 2]\n',
}


@pytest.mark.parametrize("text", PLACES.values(), ids=PLACES.keys())
@pytest.mark.parametrize("where", [("--workers", "2"), ("--scheduler", "tcp://127.0.0.1:1"), ("--cluster", "local")])
def test_code_is_refused_before_any_worker_starts(strange, monkeypatch, capsys, text, where):
    (strange / "study.toml").write_text(text)
    monkeypatch.setattr("noisette.cli.run._executor", pytest.fail)
    status, errors = run(monkeypatch, capsys, "study.toml", "--no-code", *where)
    assert (status, errors.count("\n")) == (2, 1)
    assert "no code is allowed with --no-code" in errors
    assert not (strange / "ran").exists()


@pytest.mark.parametrize("text", PLACES.values(), ids=PLACES.keys())
def test_read_study_refuses_code_on_request(strange, text):
    (strange / "study.toml").write_text(text)
    with pytest.raises(InputError, match=r"study.toml line \d+: .*no code is allowed with --no-code or code=False"):
        read_study("study.toml", code=False)
    assert not (strange / "ran").exists()


COMBINED = (
    '[network]\nweights = "{kind}:{rest}"\n[measure]\nkind = "lyapunov"\nduration = 1.0\ndiscard = 0.0\ndt = 0.1\n'
)
COMBINED += '[grid]\nkind = ["gaussian", "strange"]\nrest = ["5", "units"]\n'


@pytest.mark.slow
@pytest.mark.parametrize("executor", [None, Serial(2)])
def test_points_of_a_study_that_was_read_without_code_refuse_code(strange, tmp_path, executor):
    """The name strange:units is combined from two coordinates, and occurs at one point only."""
    (strange / "study.toml").write_text(COMBINED)
    study = read_study("study.toml", code=False)
    with pytest.warns(FailedPointsWarning):
        study.run(executor=executor, store=tmp_path / "store")
    messages = {tuple(failure.coordinates.values()): failure.message for failure in failures(tmp_path / "store")}
    assert "no code is allowed" in messages["strange", "units"]
    assert ("gaussian", "5") not in messages
    assert not (strange / "ran").exists()


def test_refusals_of_several_threads_end_with_the_last_one():
    first, second = (watched_imports(lambda name: None, refuse=True) for _ in range(2))
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    with pytest.raises(InputError, match="no code is allowed"):
        import_object("math:sqrt", "function")
    second.__exit__(None, None, None)
    assert import_object("math:sqrt", "function")(4) == 2


def test_only_the_innermost_context_reports():
    outer, inner = [], []
    with watched_imports(outer.append):
        with watched_imports(inner.append):
            import_object("math:sqrt", "function")
        import_object("math:floor", "function")
    assert (outer, inner) == (["math:floor"], ["math:sqrt"])


def import_square_root(x):
    return import_object("math:sqrt", "function")(x)


@pytest.mark.slow
def test_processes_of_a_run_without_code_refuse_code(tmp_path):
    study = Study("roots", import_square_root, {"x": [1.0, 4.0]})
    with (
        watched_imports(lambda name: None, refuse=True),
        pytest.raises(StudyFailedError, match="no code is allowed with --no-code"),
    ):
        study.run(executor=ProcessPool(1), store=tmp_path / "refused")
    assert study.run(executor=ProcessPool(1), store=tmp_path / "allowed").value.values.tolist() == [1, 2]

"""Everything in the README, the guide, the help and `noisette list` runs from end to end, at small sizes."""

import re
import shutil
from importlib import import_module
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import numpy as np
import pytest
import xarray as xr
from typer.main import get_command

import noisette as nz
from noisette.cli._app import COMMANDS, app
from noisette.registry import ENTRIES, words
from noisette.study_files import read_study

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs" / "guide").glob("*.md"))]
TEXT = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
LINES = [
    line.partition("#")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", TEXT, flags=re.DOTALL)
    for line in block.splitlines()
    if line.startswith("noisette ")
]
# replacements that make a command of these pages or the help smaller
SMALLER: dict[str, dict[str, str]] = {
    "chaos": {"gaussian:500": "gaussian:10", "1:12:1": "1,2", "1,2,4,10": "1,2", " --duration 50 --discard 0": ""},
    "correlations": {"--size 200": "--size 20 --networks 2 --draws 20", "0.5:1.5:0.25": "0.5,0.75"},
    "meanfield": {"0.5:4:0.5": "0.5,2", "1.5,2,4": "2"},
    "resonance": {"0:50:1": "0,4"},
    "conditional-entropy": {"gaussian:60": "gaussian:6"},
    "synchronisation": {"gaussian:100": "gaussian:10", "0,1,2,3": "0,2", "--duration 100": "--duration 10"},
    "test": {"--trials 200": "", "00?": "000"},
    "train": {"--networks 4": "", "--workers 2": "", "--out networks": "--out trained"},
}
MORE = {
    "explore": "--json",  # without it, a server runs until it is interrupted
    "chaos": "--networks 1 --duration 2 --discard 1",
    "memory": "--size 10",
    "synchronisation": "--networks 2",
    "test": "--trials 3",
    "train": "--size 12 --max-trials 2 --networks 2",
    "analyse": "--trials 3",
}


def examples():
    """Return the examples of the help of all commands."""
    for module, function in COMMANDS.values():
        text = getattr(import_module(f"noisette.cli.{module}"), function).__doc__
        yield from re.findall(r"Example: (noisette .*)", text)


EVERY = list(dict.fromkeys([*LINES, *examples()]))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with the files that the commands name."""
    made = tmp_path_factory.mktemp("readme")
    steps = np.random.default_rng(0).standard_normal((10, 61, 8))
    np.save(made / "activity.npy", steps[:, 1:] + 0.8 * steps[:, :-1])
    trace = (("time", "unit"), steps[0, 1:] + 0.8 * steps[0, :-1])
    nz.studies.save(xr.Dataset({"trace": trace}, {"time": 0.2 * np.arange(60)}), made / "run.nc")
    np.save(made / "states.npy", np.sign(np.random.default_rng(0).standard_normal((500, 4))))
    np.savetxt(made / "my_matrix.csv", nz.weights.hopfield([24, 7], 10), delimiter=",")
    (made / "model.py").write_text(*re.findall(r"```python\n(# model.py\n.*?)```", TEXT, flags=re.DOTALL))
    (text,) = re.findall(r"```toml\n(.*?)```", TEXT, flags=re.DOTALL)
    for there, small in {"[100, 200]": "[5, 6]", "50.0": "3.0", "10.0": "1.0", "count = 8": "count = 2"}.items():
        assert there in text
        text = text.replace(there, small)
    (made / "study.toml").write_text(text.replace("repeats = 5", "repeats = 1"))
    return made


def smaller(line: str) -> str:
    _, command, *_ = line.split()
    for there, small in SMALLER.get(command, {}).items():
        line = line.replace(there, small)
    return f"{line} {MORE.get(command, '')}".strip().removeprefix("noisette ")


def needs(line: str) -> list[str]:
    """Return the commands that create the files that a command reads."""
    if "network_0" in line:
        return ["train dms --noise-channels 1 --delay 50 --size 12 --max-trials 2 --networks 2 --out networks"]
    if line.startswith("noisette status"):
        return ["run study.toml"]
    return ["resonance --weights nrooks:20 --noise 1 --out results"] if "results/resonance.nc" in line else []


def marked(line):
    """Mark commands that take long even at small sizes."""
    long = "--workers 2" in line or " --simulate" in line or line.startswith("noisette chaos")
    return pytest.param(line, marks=[pytest.mark.slow] if long else [])


@pytest.mark.slow
@pytest.mark.parametrize("line", [marked(line) for line in EVERY if " reproduce " not in line])
def test_commands_of_the_pages_and_the_help_run(line, noisette, folder, monkeypatch):
    """CI runs reproductions at smoke scale; cluster jobs are tested only up to their script."""
    monkeypatch.chdir(folder)
    for before in needs(line):
        if not (folder / before.rpartition(" ")[2]).exists() or "study" in before:
            assert noisette(before).status == 0
    run = smaller(line) + (" --script" if "--cluster" in line else "")
    run = re.sub(r"noisette-out/onset\b(?!-)", "noisette-out/onset-of-chaos", run)
    run = re.sub(r"(?<!/)network_00", "networks/network_00", run)
    shutil.rmtree("trained", ignore_errors=True)
    result = noisette(run)
    assert result.status == 0, result.err
    assert result.out.strip()


def test_commands_and_their_options_exist():
    group: Any = get_command(app)
    for line in LINES:
        _, name, *rest = line.split()
        options = {option for parameter in group.get_command(None, name).params for option in parameter.opts}
        assert {part for part in rest if part.startswith("--")} <= options, line
    common = {"resonance", "chaos", "meanfield", "memory", "correlations", "autocovariance", "reproduce"}
    assert common | {"train", "analyse", "test", "export", "run", "status"} <= {line.split()[1] for line in LINES}


def test_the_pages_name_every_command():
    assert {line.split()[1] for line in EVERY} == set(COMMANDS)


# --- the words of `noisette list`

WEIGHTS = {
    "autapses": "autapses:10:4",
    "hopfield": "hopfield:24,7:10:5",
    "nrooks": "nrooks:20:4:1",
    "gaussian": "gaussian:5:3",
    "normal": "normal:2:5:3",
    "symmetric": "symmetric:2:5:3",
    "balanced": "balanced:5:0.5:0:3:1",
    "ei": "ei:balanced:8:2",
    "blocks": "blocks:3,2:1,-2;1,-1.5:1,2;1,2:3",
    "sparse": "sparse:5:2:0:1:3",
    "reciprocal": "reciprocal:5:0.5:3",
    "lowrank": "lowrank:5:0:1,0.5;0.5,1:3",
    "modes": "modes:5:1x4,0.5x2:3",
    "heavytails": "heavytails:5:1.5:1:3",
    "matrix": "matrix:0,10;10,0",
}
PHI = {name: name for name in ("tanh", "sigmoid", "erf", "linear", "relu")} | {
    "threshold": "threshold:0.5",
    "power": "power:0.75",
    "pade": "pade:0.5,0",
    "formula": "formula:x/(1+abs(x))",
    "smoothed": "smoothed:0.5,tanh",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", words("weights"))
def test_weights(name, noisette):
    result = noisette(f"resonance --weights {WEIGHTS[name]} --noise 1 --steps 100 --json")
    assert result.status == 0, result.err
    assert 0 <= result.json["information"][0] <= 5


@pytest.mark.slow
@pytest.mark.parametrize("name", words("activations"))
def test_activations(name, noisette):
    result = noisette(f"correlations --activation {PHI[name]} --gain 0.3 --noise frozen:1 --json")
    assert result.status == 0, result.err
    assert 0 < result.json["dimension"][0] <= 1


def test_noises_at_the_terminal(noisette):
    for noise in ("none", "white:1", "frozen:1", "ou:1,3", "white:0.1+frozen:1"):
        result = noisette(f"autocovariance --gain 0.5 --noise {noise} --json")
        assert result.status == 0, result.err
    result = noisette("resonance --weights autapses:10 --noise 3 --common --json")
    assert result.status == 0, result.err


RECORDED = nz.noise.record(nz.White(0.5), 3, duration=2.0, dt=0.1, key=0)
NOISE = {
    "none": (None, "none"),
    "white": (nz.White(0.5), "white:0.5"),
    "common": (nz.Common(0.5), "common:0.5"),
    "frozen": (nz.Frozen(0.5), "frozen:0.5"),
    "ou": (nz.OrnsteinUhlenbeck(0.5, 2.0), "ou:0.5,2"),
    "pulse": (nz.Pulse(0.5, 1, 3), "pulse:0.5,1,3"),
    "gated": (nz.Gated(nz.Common(0.5), 0.5, np.inf), "gated:0.5,inf,common:0.5"),
    "at": (nz.noise.Placed(nz.OrnsteinUhlenbeck(0.5, 2.0), "inputs"), "at:inputs,ou:0.5,2"),
    "recorded": (RECORDED, "recorded:RECORD"),
    "channels": (nz.Channels(np.ones((3, 2)), nz.OrnsteinUhlenbeck(0.5, 2.0)), "channels:FILE,ou:0.5,2"),
    "correlated": (nz.Correlated(np.eye(3) + 1, nz.OrnsteinUhlenbeck(0.5, 2.0)), "correlated:SQUARE,ou:0.5,2"),
    "telegraph": (nz.Telegraph(0.5, 2.0), "telegraph:0.5,2"),
    "shot": (nz.Shot(2.0, -0.5, 0.7), "shot:2,-0.5,0.7"),
    "hold": (nz.SampleAndHold(0.5, 0.2), "hold:0.5,0.2"),
    "uniform": (nz.Independent("uniform", 0.5), "uniform:0.5"),
    "laplace": (nz.Independent("laplace", 0.5), "laplace:0.5"),
    "student": (nz.Independent("student", 0.5, 5.0), "student:0.5,5"),
    "stable": (nz.Stable(1.5, 0.5), "stable:1.5,0.5"),
    "powerlaw": (nz.PowerLaw(0.5, 1.0, 0.1, 100.0), "powerlaw:0.5,1,0.1,100"),
    "band": (nz.BandLimited(0.5, 0.2, 3.0), "band:0.5,0.2,3"),
}


@pytest.mark.slow
@pytest.mark.parametrize("word", words("noises"))
def test_a_noise_given_by_a_word_equals_that_in_python(word, tmp_path):
    np.savetxt(tmp_path / "channels.csv", np.ones((3, 2)), delimiter=",")
    np.savetxt(tmp_path / "covariance.csv", np.eye(3) + 1, delimiter=",")
    python, text = NOISE[word]
    RECORDED.save(tmp_path / "record.nc")
    files = {"FILE": "channels.csv", "SQUARE": "covariance.csv", "RECORD": "record.nc"}
    for place, name in files.items():
        text = text.replace(place, str(tmp_path / name))
    noise = nz.noise.from_string(text)
    assert eqx.tree_equal(noise, python)
    network = nz.RateNetwork(np.zeros((3, 3)), noise=noise)
    result = nz.simulate(network, duration=2.0, dt=0.1, start=0.0, key=jax.random.key(0))
    assert (float(abs(result.final).max()) > 0) == (python is not None)


@pytest.mark.slow
@pytest.mark.parametrize("name", words("tasks"))
def test_tasks(name, noisette, tmp_path):
    result = noisette(
        f"train {name} --networks 1 --size 10 --max-trials 2 --least-trials 0 --json --out", str(tmp_path)
    )
    assert result.status == 0, result.err
    assert result.json["trials"] == 2
    tested = noisette(f"test {tmp_path / 'network_000.npz'} --task {name} --trials 2 --input-noise 0.1 --json")
    assert tested.status == 0, tested.err


PROBE = {
    "Trace": "",
    "JointStates": "",
    "ConditionalStates": "",
    "ConditionalEntropy": "",
    "EntropyProduction": "",
    "Snapshots": "times = [1.0]",
    "Covariance": "",
    "Autocovariance": "lags = 2",
    "Speed": "",
    "Lyapunov": "exponents = 1",
    "TrajectorySeparation": "",
}
BINARY = ("ConditionalStates", "ConditionalEntropy", "EntropyProduction")
EITHER = "JointStates"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "length"), [("boltzmann", "steps = 20"), ("rate", "duration = 2.0\ndt = 0.1")], ids=["binary", "rate"]
)
def test_probes_in_a_study_file(kind, length, tmp_path):
    """All probes that fit a network are used together."""
    probes = [
        f"probes.{name} = {{ {PROBE[name]} }}"
        for name in words("probes")
        if name == EITHER or (name in BINARY) == (kind == "boltzmann")
    ]
    head = f'[network]\nkind = "{kind}"\nweights = "nrooks:1"\n[measure]\nkind = "simulate"\n{length}'
    result = carried_out("\n".join([head, *probes]), tmp_path)
    assert len(result.data_vars) >= len(probes)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("network", "measure", "options"),
    [
        ("rate", "lyapunov", "discard = 0\nduration = 3.0\ndt = 0.1"),
        ("rate", "dimension", "every = 1\nduration = 3.0\ndt = 0.1"),
        ("sign", "dimension", "every = 1\nsteps = 30"),
        ("sign", "resonance", "steps = 30"),
        ("boltzmann", "resonance", "steps = 30"),
        ("rate", "synchronisation", "duration = 5.0\ndt = 0.1"),
        ("boltzmann", "synchronisation", "duration = 30"),
        ("rate", "reliability", "duration = 5.0\ndiscard = 1.0\ndt = 0.1\nprivate = 'white:1'"),
        ("boltzmann", "flow", "source = 0\ntarget = [1, 2]"),
        ("boltzmann", "input", "patterns = 2\nstrength = 2.0"),
        ("boltzmann", "rms", "runs = 3"),
    ],
)
def test_measures_in_a_study_file(network, measure, options, tmp_path):
    head = f'[network]\nkind = "{network}"\nweights = "nrooks:1"\n[measure]\nkind = "{measure}"\n{options}'
    assert carried_out(head, tmp_path).data_vars


@pytest.mark.slow
@pytest.mark.parametrize("measure", ["populations", "lyapunov", "dimension"])
def test_measures_of_populations_in_a_study_file(measure, tmp_path):
    run = "" if measure == "populations" else "discard = 0\nduration = 3.0\ndt = 0.1"
    head = '[network]\nkind = "populations"\nsizes = [4, 2]\nmean = "1,-1;1,-1"'
    assert carried_out(f'{head}\n[measure]\nkind = "{measure}"\n{run}', tmp_path).data_vars


def carried_out(head, folder):
    """Return the result of a study of a network with two noises, and assert that no point failed."""
    (folder / "study.toml").write_text(f"{head}\n[grid]\nnetwork.noise = ['white:0.1', 'white:1.0']\n")
    result = read_study(folder / "study.toml").run(store=folder / "store")
    assert result.attrs["failures"] == ""
    return result


def test_every_listed_word_is_tested():
    assert set(WEIGHTS) == set(words("weights"))
    assert set(PHI) == set(words("activations"))
    assert set(NOISE) == set(words("noises"))
    assert set(PROBE) == set(words("probes"))
    measures = ["simulate", "lyapunov", "dimension", "resonance", "signal", "coherence"]
    assert words("measures") == [*measures, "synchronisation", "reliability", "flow", "input", "rms", "populations"]
    assert words("networks") == ["rate", "populations", "boltzmann", "sign"]


def test_the_list_shows_every_form_and_its_summary(noisette):
    text = noisette("list").out
    listed = noisette("list --json").json
    assert all(suffix in text for suffix in (".npy", ".npz", ".csv", ".tsv", ".txt", ".mat", ".graphml"))
    for kind, entries in ENTRIES.items():
        assert list(listed[kind]) == words(kind)
        for entry in entries:
            assert f"  {entry.form} " in text
            assert entry.summary in text
            assert entry.summary.endswith(".")

"""The examples of CONTRIBUTING: user-defined objects in study files, at the terminal and in Python."""

import re
import sys
from pathlib import Path

import jax
import numpy as np
import pytest

import noisette as nz
from noisette.cli import main
from noisette.errors import InputError
from noisette.registry import ENTRIES
from noisette.study_files import build_network, read_study

TEXT = (Path(__file__).parent.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"```(?:python|toml)\n# (\S+)\n(.*?)```", TEXT, flags=re.DOTALL))
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", TEXT, flags=re.DOTALL) for line in block.splitlines()]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return the working directory of the program, with the files of CONTRIBUTING."""
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield tmp_path
    for name in FILES:
        sys.modules.pop(name.removesuffix(".py"), None)


@pytest.mark.slow
@pytest.mark.parametrize("line", COMMANDS, ids=lambda line: " ".join(line.split()[1:3]))
def test_commands_run(line, folder, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", line.split())
    with pytest.raises(SystemExit) as stop:
        main()
    captured = capsys.readouterr()
    assert (stop.value.code or 0) == 0, captured.err
    assert captured.out.strip()


@pytest.mark.slow
def test_a_noise_in_a_study_file(folder):
    data = read_study("study.toml").run()
    # for small angles the pendulum is linear: twice the noise gives twice the angle
    np.testing.assert_allclose(data.largest.sel(sigma=0.002), 2 * data.largest.sel(sigma=0.001), rtol=1e-4)
    assert bool((data.largest > 0).all())
    assert read_study("units.toml").run().value.values.tolist() == [5, 10]


def test_a_noise_in_python(folder):
    noise = nz.noise.from_string("my_noise:Laplace:0.5")
    assert float(noise.strength) == 0.5
    assert nz.noise.from_string("my_noise.py:Laplace").strength == 1.0
    # the variance of a step is σ² dt; 200 000 samples of kurtosis 6 have a relative s.e. of √(5/200 000) = 0.5 %
    sample, _ = noise.sample((), 0.0, 200_000, key=jax.random.key(0), dt=0.1)
    assert float(sample.var()) == pytest.approx(0.025, rel=0.025)
    gated = nz.noise.from_string("gated:0,1,my_noise:Laplace:0.5+white:1e+0")
    assert [type(part).__name__ for part in gated.parts] == ["Gated", "White"]
    with pytest.raises(InputError, match="Laplace noise strength -1"):
        nz.noise.from_string("my_noise:Laplace:-1")
    with pytest.raises(InputError, match="too many positional arguments; its parameters are strength"):
        nz.noise.from_string("my_noise:Laplace:1,2")
    with pytest.raises(InputError, match=r"the form is my_noise:Laplace\[:NUMBERS\]"):
        nz.noise.from_string("my_noise:Laplace:strong")
    with pytest.raises(InputError, match="no noise 'Laplac' in module 'my_noise'; available: Laplace"):
        nz.noise.from_string("my_noise:Laplac")


def test_weights_activations_and_networks_in_python(folder):
    drawn = nz.weights.ensemble("my_functions:ring:4,0.5", 3)
    assert drawn(0).shape == (4, 4)
    assert bool((drawn(0) != drawn(1)).any())
    np.testing.assert_array_equal(drawn(1), nz.weights.ensemble("my_functions:ring:4,0.5", 3)(1))
    assert float(nz.activations.from_string("my_functions:softplus")(0.0)) == pytest.approx(np.log(2))
    network = build_network({"network": {"kind": "my_study:pendulum", "friction": 0.1, "noise": "my_noise:Laplace"}})
    assert network.size == 2


def test_an_object_can_be_passed_directly(folder):
    (folder / "objects.py").write_text(
        "import noisette as nz\nimport numpy as np\nnoise, matrix, gain = nz.White(0.5), np.eye(2), 2.0\n"
        "probe, network = nz.Trace(3), nz.SignNetwork(np.eye(2))\n"
    )
    assert float(nz.noise.from_string("objects.py:noise").strength) == 0.5
    assert nz.weights.from_string("objects.py:matrix").tolist() == [[1, 0], [0, 1]]
    assert nz.probes.from_string("objects.py:probe").every == 3
    assert nz.networks.from_string("objects.py:network").size == 2
    for refused in (nz.noise.from_string, nz.probes.from_string, nz.networks.from_string, nz.tasks.from_string):
        with pytest.raises(InputError, match=r"'objects.py:gain' is a float; a class or function that returns"):
            refused("objects.py:gain")
    with pytest.raises(InputError, match=r"noise 'objects.py:noise:2' with 2; objects.py:noise takes no arguments"):
        nz.noise.from_string("objects.py:noise:2")


def test_every_entry_of_the_registry_can_be_loaded():
    for kind, entries in ENTRIES.items():
        assert len({entry.word for entry in entries}) == len(entries), kind
        for entry in entries:
            assert callable(entry.load()) or kind == "papers"

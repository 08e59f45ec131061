"""A word gives the same matrix, noise and activation at the terminal, in study files and in Python."""

import json

import numpy as np
import pytest

import noisette as nz
from noisette.study_files import build_network, read_study

WORDS = ["gaussian:5:3", "gaussian:5", "normal:6:5:3", "normal:6:5", "ei:balanced:5:2", "nrooks:4:5:1", "autapses:3:5"]
WORDS += ["matrix:0,4,1;-2,0.5,3;1,1,0"]


def study(folder, kind, weights, measure, grid, seed=0):
    file = folder / "study.toml"
    file.write_text(
        f'seed = {seed}\n[network]\nkind = "{kind}"\nweights = "{weights}"\n[measure]\n{measure}\n[grid]\n{grid}\n'
    )
    return read_study(file)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 7])
@pytest.mark.parametrize("word", WORDS)
def test_information_is_the_same_at_the_terminal_in_study_files_and_in_python(noisette, tmp_path, word, seed):
    terminal = noisette(f"resonance --weights {word} --noise 2 --steps 100 --seed {seed} --json").json
    file = study(tmp_path, "boltzmann", word, 'kind = "resonance"\nsteps = 100', "measure.noise = [2.0]", seed).run()
    python = nz.resonance(nz.Boltzmann(nz.weights.from_string(word, seed)), [2.0], 100)
    assert terminal["information"][0] == pytest.approx(float(file.information[0]), abs=1e-12)
    assert terminal["information"][0] == pytest.approx(float(python.information[0]), abs=1e-12)


@pytest.mark.slow
def test_rate_networks_get_the_same_matrices(noisette, tmp_path):
    options = "--gain 2 --dt 0.1 --duration 20 --discard 5 --networks 1"
    terminal = noisette(f"chaos --weights gaussian:10:3 {options} --json").json
    data = nz.chaos_curve(nz.weights.ensemble("gaussian:10:3"), [2.0], networks=1, dt=0.1, duration=20, discard=5)
    assert terminal["lyapunov"][0] == pytest.approx(float(data.lyapunov.squeeze()), abs=1e-12)
    plan = study(tmp_path, "rate", "gaussian:10:3", 'kind = "lyapunov"\ndt = 0.1', "gain = [2.0]").fixed["plan"]
    np.testing.assert_array_equal(build_network(plan).weights, nz.weights.from_string("gaussian:10:3"))


def test_the_seed_of_a_word_overrides_that_of_the_command(noisette):
    line = "resonance --noise 2 --steps 100 --json --weights gaussian:5"
    first, second = (noisette(f"{line} --seed {seed}").json for seed in (1, 2))
    assert first["information"] != second["information"]
    named, again = (noisette(f"{line}:4 --seed {seed}").out for seed in (1, 2))
    assert json.loads(named) == json.loads(again)


def test_no_noise_also_applies_to_binary_networks(tmp_path):
    plan = {"network": {"kind": "sign", "weights": "autapses:3", "noise": "none"}, "measure": {"kind": "resonance"}}
    assert float(build_network(plan).noise.strength) == 0
    del plan["network"]["noise"]
    assert float(build_network(plan).noise.strength) == 0  # as in Python

"""The command `noisette populations`."""

import jax
import numpy as np
import pytest

import noisette as nz
from noisette.studies import load

LINE = "populations --sizes 40,10 --mean 1,-2;1,-1.5 --variance 1,2;1.5,2 --bias 0.5 "


def test_numbers_are_those_of_the_library(noisette):
    result = noisette(LINE + "--tau 1,0.5 --gain 0.3,0.6 --json").json
    ensemble = nz.ensembles.Blocks([[1.0, -2.0], [1.0, -1.5]], [[1.0, 2.0], [1.5, 2.0]], [40, 10])
    populations = nz.networks.Populations(ensemble, tau=[1.0, 0.5], bias=0.5)
    data = nz.theory.population_mean_field(populations, [0.3, 0.6])
    assert np.allclose(result["mean"], data["mean"])
    assert np.allclose(result["lyapunov"], data.lyapunov)


def test_words_of_weights_and_activations_of_populations(noisette):
    result = noisette("populations --weights ei:balanced:50 --activation tanh;relu --gain 0.2 --json").json
    populations = nz.networks.Populations(nz.weights.distribution("ei:balanced:50"), [nz.activations.tanh, jax.nn.relu])
    assert np.allclose(result["mean"], nz.theory.population_mean_field(populations, [0.2])["mean"])
    both = noisette("populations --weights lowrank:50:0:1,0.5;0.5,1 --sizes 40,10 --density 0.5 --gain 0.2 --json")
    assert both.status == 0, both.err


def test_noise_of_each_population(noisette):
    result = noisette(LINE + "--gain 0.3 --noise white:0.5;none --json").json
    ensemble = nz.ensembles.Blocks([[1.0, -2.0], [1.0, -1.5]], [[1.0, 2.0], [1.5, 2.0]], [40, 10])
    populations = nz.networks.Populations(ensemble, bias=0.5, noise=[nz.White(0.5), None])
    assert np.allclose(result["variance"], nz.theory.population_mean_field(populations, [0.3]).variance)


@pytest.mark.slow
def test_reciprocal_weights_have_sampled_theory(noisette):
    result = noisette("populations --sizes 40 --reciprocity 0.5 --gain 0.3 --noise white:0.5 --json").json
    populations = nz.networks.Populations(nz.ensembles.reciprocal(40, 0.5), noise=nz.White(0.5))
    assert np.allclose(result["variance"], nz.analysis.population_activity(populations, [0.3]).variance)
    assert result["lyapunov"][0] < 0


@pytest.mark.slow
def test_weights_without_theory_are_simulated(noisette, tmp_path):
    line = "populations --weights heavytails:20:1.5:1 --gain 0.2 --simulate --networks 2 --duration 4"
    result = noisette(line, "--out", str(tmp_path))
    assert result.status == 0, result.err
    assert "no mean-field theory" in result.out
    assert "simulated_mean" in load(tmp_path / "populations.nc")
    assert noisette(f"{line} --json").json["simulated_mean"][0]


@pytest.mark.slow
def test_a_table_and_files_with_a_simulation(noisette, tmp_path):
    line = LINE + "--gain 0.3 --noise white:0.5 --simulate --networks 2 --duration 8"
    result = noisette(line, "--out", str(tmp_path / "p"))
    assert "simulated" in result.out
    assert "λ_max" in result.out
    assert {p.name for p in (tmp_path / "p").iterdir()} == {"populations.nc", "populations.png", "populations.pdf"}
    data = load(tmp_path / "p" / "populations.nc")
    assert data.attrs["method"] == "mean-field"
    assert "simulated_variance" in data


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("populations --sizes 4,5 --mean 1,2;3 --gain 1", "rows of the same length"),
        ("populations --sizes 4,5 --mean 1,2;3,4;5,6 --gain 1", "shape"),
        ("populations --sizes 4,x --gain 1", "sizes"),
        ("populations --sizes 4 --variance=-1 --gain 1", "variance"),
        ("populations --sizes 4 --gain 1 --tau 1,2", "one per population"),
        ("populations --gain 1", "no --sizes and no --weights"),
        ("populations --weights gaussian:9 --mean 1 --gain 1", "mean without sizes"),
        ("populations --weights heavytails:9:1.5:1 --gain 1", "simulate the network"),
        ("populations --sizes 4,5 --activation tanh;relu;erf --gain 1", "3 activations for 2 populations"),
    ],
)
def test_wrong_input_ends_in_one_line(noisette, line, message):
    result = noisette(line)
    assert result.status == 2
    assert message in result.err
    assert result.err.count("\n") == 1

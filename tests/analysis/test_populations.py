"""Theory and simulation of populations in one call."""

import numpy as np
import pytest

import noisette as nz
from noisette.analysis import population_activity
from noisette.ensembles import Blocks, HeavyTails, LowRank, gaussian
from noisette.errors import InputError
from noisette.networks import Populations

TWO = Blocks([[1.0, -2.0], [1.0, -1.5]], [[1.0, 2.0], [1.5, 2.0]], [200, 100])


def test_without_a_simulation_the_result_is_that_of_theory():
    populations = Populations(TWO, bias=0.5)
    assert population_activity(populations, 0.4).equals(nz.theory.population_mean_field(populations, 0.4))


@pytest.mark.slow
def test_simulation_agrees_with_theory():
    """Six networks at two gains; six standard errors and 5 % for N = 300: the false-alarm rate is below 1e-3."""
    populations = Populations(TWO, bias=0.5, noise=nz.White(0.5))
    run = {"networks": 6, "duration": 120.0, "discard": 30.0}
    data = population_activity(populations, [0.4, 0.7], [0.0, 1.0], simulate=True, **run)
    for name in ("mean", "variance", "rate", "rate_square", "current_autocovariance", "rate_autocovariance"):
        error = np.abs(data[f"simulated_{name}"] - data[name])
        assert (error < 6 * data[f"simulated_{name}_se"] + 0.05 * np.abs(data[name]) + 0.01).all(), name
    assert np.abs(data.simulated_lyapunov - data.lyapunov).max() < 0.05


@pytest.mark.slow
def test_simulations_start_with_the_overlap_of_theory():
    """Of the two states ±κ of rank one the start selects the positive one."""
    populations = Populations(gaussian(300) + LowRank([[1.0, 3.0], [3.0, 10.0]], 300))
    data = population_activity(populations, 0.6, simulate=True, networks=3, duration=60, discard=30)
    assert data.overlap.item() > 0.5
    assert np.allclose(data.simulated_variance, data.variance, rtol=0.3)


def test_an_ensemble_without_theory_is_simulated_alone():
    data = population_activity(
        Populations(HeavyTails(1.5, 50)), 0.5, simulate=True, networks=2, duration=6, discard=3, dt=0.1
    )
    assert "variance" not in data
    assert data.simulated_variance.shape == (1,)


@pytest.mark.slow
def test_the_same_key_gives_the_same_numbers():
    populations = Populations(Blocks(0.0, 1.0, [10, 5]))
    run = {"simulate": True, "networks": 2, "duration": 6.0, "discard": 3.0, "dt": 0.1, "key": 3}
    first, second = (population_activity(populations, 1.5, **run) for _ in range(2))
    assert first.equals(second)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"networks": 0}, "networks 0"),
        ({"lags": [0.123]}, "multiples of dt"),
        ({"lags": [500.0]}, "lags up to 500"),
        ({"duration": 10.0, "discard": 20.0}, "discard|transient|longer"),
        ({"start_mean": [1.0, 2.0, 3.0]}, "a number, or 2 numbers"),
        ({"dt": 0.0}, "a time step above zero"),
    ],
)
def test_wrong_input_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        population_activity(Populations(TWO), 0.5, simulate=True, **options)

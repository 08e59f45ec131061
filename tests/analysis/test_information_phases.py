import jax
import numpy as np
import pytest
from scipy.stats import spearmanr

import noisette as nz
from noisette.analysis import information_phases
from noisette.errors import InputError
from noisette.theory import markov


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0.0, 2.0])
def test_values_are_those_of_each_network(noise):
    options = {"width": 3.0, "networks": 2, "key": 5}
    data = information_phases(4, [0.5, 1.0], [-0.5, 0.3], noise, [0.5, 2.0], channels=2, **options)
    for i, d in enumerate((0.5, 1.0)):
        for number in range(2):
            W = nz.weights.balanced(4, d, 0.3, 3.0, key=jax.random.fold_in(jax.random.key(5), number))
            network = nz.Boltzmann(W, noise=nz.White(noise))
            cell = data.isel(density=i, balance=1, network=number)
            information = markov.measures(network, estimator="stationary").information
            assert float(cell.information) == pytest.approx(float(information), abs=1e-11)
            rms = markov.rms_correlation(network).rms_correlation
            assert float(cell.rms_correlation) == pytest.approx(float(rms), abs=1e-9)
            driven = markov.input_information(network, 2, 2.0)
            imported = float(cell.input_information.sel(strength=2.0))
            assert imported == pytest.approx(float(driven.input_information[0]), abs=1e-11)
            correlation = float(cell.rms_input_correlation.sel(strength=2.0))
            assert correlation == pytest.approx(float(driven.rms_input_correlation), abs=1e-9)


@pytest.mark.slow
def test_axes_means_and_errors():
    data = information_phases(3, [0.4, 0.8], 0.0, [0.0, 1.0, 2.0], networks=5, width=2.0)
    assert data.information.dims == ("density", "noise", "network")
    assert data.mean_information.values == pytest.approx(data.information.values.mean(-1))
    expected = data.information.values.std(-1, ddof=1) / np.sqrt(5)
    assert data.information_se.values == pytest.approx(expected)
    assert (float(data.balance), float(data.strength), data.noise.units) == (0.0, 1.0, "std per step")
    assert nz.rerun(data).identical(data)
    both = information_phases(3, 0.4, 0.0, strength=[1.0, 2.0], networks=2)
    assert "strength" in both.input_information.dims
    assert "strength" not in both.information.dims


@pytest.mark.slow
def test_opposite_balances_agree_without_bias():
    """W and −W have the same information; equal magnitudes at full density leave one network at b = ±1."""
    data = information_phases(4, 1.0, [-1.0, 1.0], networks=2, width=0.7, magnitudes="equal")
    values = data.information.values
    assert values[0] == pytest.approx(values[1], abs=1e-12)
    assert np.ptp(values, axis=1) == pytest.approx(0.0, abs=1e-12)


@pytest.mark.slow
def test_the_order_by_correlations_is_that_by_information_in_weak_coupling_only():
    axes = ([0.2, 0.6, 1.0], [-0.5, 0.0, 0.5])
    ranks = []
    for width, noise in ((1.0, 3.0), (10.0, 0.0)):
        data = information_phases(4, *axes, noise, width=width, networks=8)
        ranks.append(spearmanr(data.information.values.ravel(), data.rms_correlation.values.ravel()).statistic)
    assert ranks[0] > 0.9
    assert ranks[1] < 0


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((8, 0.5, 0.0), {}, "8 units"),
        ((3, 1.5, 0.0), {}, "density 1.5"),
        ((3, 0.5, [0.0, -2.0]), {}, "balance -2"),
        ((3, 0.5, 0.0, -1.0), {}, "noise -1"),
        ((3, 0.5, 0.0), {"networks": 1}, "1 networks"),
        ((3, 0.5, 0.0), {"channels": 4}, "4 channels into 3 units"),
        ((3, [], 0.0), {}, "density of shape"),
    ],
)
def test_impossible_diagrams_are_refused(arguments, options, message):
    with pytest.raises(InputError, match=message):
        information_phases(*arguments, **options)

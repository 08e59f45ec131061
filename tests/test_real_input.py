"""Values other than finite real numbers are refused by all public functions."""

from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from jaxtyping import TypeCheckError

import noisette as nz
from noisette import activations, analysis, noise, theory, weights
from noisette.errors import InputError, real_array, real_number, real_values

KEY = jax.random.key(0)
W = np.array([[0.0, 1.0], [0.5, 0.0]])
TANH = activations.tanh
SIGNAL = np.random.default_rng(0).uniform(-1, 1, 200)
REFUSED = (InputError, TypeCheckError)  # in tests, annotations are checked before every call


def task_network(**changed):
    parts = {"weights": W, "signs": [1.0, -1.0], "logits": [0.0, 0.0], "input_weights": [[1.0], [1.0]]}
    return nz.networks.TaskNetwork(**(parts | {"readout": [[1.0, 1.0]]} | changed))


def memory(states, signal, **options):
    return analysis.memory_curve(states, signal, [1], washout=0, split=(60, 40, 40), **options)


SCALARS = {
    "White": nz.White,
    "Common": nz.Common,
    "Frozen": nz.Frozen,
    "OrnsteinUhlenbeck std": nz.OrnsteinUhlenbeck,
    "OrnsteinUhlenbeck tau": lambda x: nz.OrnsteinUhlenbeck(1.0, x),
    "from_intensity": lambda x: nz.OrnsteinUhlenbeck.from_intensity(1.0, x),
    "Pulse strength": nz.Pulse,
    "Pulse start": lambda x: nz.Pulse(1.0, x),
    "Gated start": lambda x: nz.Gated(nz.White(), x, 9e9),
    "factor": lambda x: x * nz.White(1.0),
    "factor of a sum": lambda x: (nz.White() + nz.Frozen()) * x,
    "factor of channels": lambda x: x * nz.Channels(W),
    "convention strength": lambda x: noise.from_convention("psychrnn", x),
    "convention tau": lambda x: noise.from_convention("psychrnn", 1.0, tau=x),
    "convention dt": lambda x: noise.from_convention("nn4n", 1.0, dt=x),
    "gain": lambda x: nz.RateNetwork(W, x),
    "with_gain": lambda x: nz.RateNetwork(W).with_gain(x),
    "tau": lambda x: nz.RateNetwork(W, tau=x),
    "bias": lambda x: nz.RateNetwork(W, bias=x),
    "readout bias": lambda x: nz.RateNetwork(W, readout=W, readout_bias=x),
    "bias of Boltzmann": lambda x: nz.Boltzmann(W, x),
    "bias of SignNetwork": lambda x: nz.SignNetwork(W, x),
    "bias of units of 0 and 1": lambda x: nz.Boltzmann.from_zero_one(W, x),
    "gamma": lambda x: nz.Onsager(nz.RateNetwork(W), x),
    "start": lambda x: nz.RateNetwork(W).start(x),
    "Switch": lambda x: nz.Switch([1.0], [0.0, x]),
    "Switch times": lambda x: nz.Switch([x], [0.0, 1.0]),
    "Ramp": lambda x: nz.Ramp(0.0, x, begin=0, end=1),
    "Ramp end": lambda x: nz.Ramp(0.0, 1.0, begin=0, end=x),
    "Threshold": activations.Threshold,
    "Power": activations.Power,
    "Padé α": activations.Pade,
    "Padé β": lambda x: activations.Pade(1.0, x),
    "autapses": weights.autapses,
    "nrooks": weights.nrooks,
    "hopfield": lambda x: weights.hopfield([24], x),
    "mean-field Hopfield": lambda x: weights.mean_field_hopfield(3, x),
    "gaussian": lambda x: weights.gaussian(2, x, key=KEY),
    "symmetric": lambda x: weights.symmetric(2, x, key=KEY),
    "mu_e": lambda x: weights.excitatory_inhibitory(4, mu_e=x, key=KEY),
    "sigma_i": lambda x: weights.excitatory_inhibitory(4, sigma_i=x, key=KEY),
    "density": lambda x: weights.excitatory_inhibitory(4, density=x, key=KEY),
    "dt of a task network": lambda x: task_network(dt=x),
    "sensory noise": lambda x: task_network(sensory_noise=x),
    "mean-field gain": lambda x: theory.mean_field(TANH, x),
    "gain of correlations": lambda x: theory.correlations(TANH, x, nz.Frozen(1.0)),
    "gain of the autocovariance": lambda x: theory.autocovariance(TANH, x),
    "gain of simulated correlations": lambda x: nz.simulated_correlations(TANH, x, nz.Frozen(1.0), 10),
    "exponent": theory.power_law_phases,
    "noise of a resonance curve": lambda x: nz.resonance(nz.Boltzmann(W), [x], 10, 0),
    "gain of a chaos curve": lambda x: nz.chaos_curve([W], [x], duration=1, discard=0),
    "ridge": lambda x: memory(np.ones((200, 2)), SIGNAL, ridge=x),
    "Holm": lambda x: analysis.holm([0.5, x]),
}
IN_LISTS = [
    SCALARS[name] for name in ("Switch", "Switch times", "noise of a resonance curve", "gain of a chaos curve", "Holm")
]
BAD_NUMBERS = {
    "text": "1",
    "bytes": b"1",
    "complex": 1 + 0j,
    "imaginary": 1j,
    "NaN": np.nan,
    "infinity": np.inf,
    "masked": np.ma.masked,
    "masked number": np.ma.array(1.0, mask=True),
    "boolean": True,  # a scalar; arrays of booleans are read as 0 and 1
    "duration": np.timedelta64(1, "s"),
    "complex array of JAX": jnp.asarray(1 + 0j),
}


def not_refused(call, values):
    """Return the names of the values that a call does not refuse, with any other error."""
    names = []
    for name, value in values.items():
        try:
            call(value)
            names.append(name)
        except REFUSED:
            pass
        except Exception as error:
            names.append(f"{name}: {type(error).__name__}: {error}")
    return names


@pytest.mark.parametrize("call", SCALARS.values(), ids=SCALARS)
def test_values_other_than_real_numbers_are_refused(call):
    values = {name: value for name, value in BAD_NUMBERS.items() if value is not True or call not in IN_LISTS}
    assert not_refused(call, values) == []


ARRAYS = {
    "square": weights.square,
    "RateNetwork": nz.RateNetwork,
    "Boltzmann": nz.Boltzmann,
    "SignNetwork": nz.SignNetwork,
    "TaskNetwork": lambda x: task_network(weights=x),
    "noise weights": lambda x: task_network(noise_weights=x),
    "Dale's law": weights.dale_violations,
    "input weights": lambda x: nz.RateNetwork(W, input_weights=x),
    "readout": lambda x: nz.RateNetwork(W, readout=x),
    "Channels": nz.Channels,
    "convention weights": lambda x: noise.from_convention("neurogym", 1.0, weights=x),
    "covariance": nz.participation_dimension,
    "spectrum": nz.covariance_spectrum,
    "samples": nz.spectral_moments,
    "samples of a dimension": lambda x: nz.participation_dimension(samples=x),
    "pca": lambda x: analysis.pca(x, 1),
    "embed": lambda x: analysis.embed(np.ma.stack([x, x]) if isinstance(x, np.ma.MaskedArray) else [x, x], 1),
    "clusters": lambda x: analysis.clusters(x, 1),
    "squared_displacement": lambda x: analysis.squared_displacement(np.ma.asarray(x) if isinstance(x, list) else x, W),
    "slow points": lambda x: analysis.slow_points(nz.RateNetwork(W), x),
    "inputs": lambda x: nz.simulate(nz.RateNetwork(W), 2, inputs=x, dt=0.1, key=KEY),
    "inputs of relaxed": lambda x: nz.find_fixed_points(nz.RateNetwork(W), inputs=x),
    "starts": lambda x: nz.simulate(nz.RateNetwork(W), 2, start=x, runs=2, dt=0.1, key=KEY),
    "states": lambda x: memory(x, [1.0, 2.0]),
    "signal": lambda x: memory(W, x[0]),
    "driving signal": lambda x: analysis.driven_states(nz.RateNetwork(W), x[0], key=KEY),
    "capacity": lambda x: analysis.total_capacity(x, [1.0, 2.0]),
    "group": lambda x: analysis.compare_groups({"a": x[0], "b": [1.0, 2.0, 3.0]}),
    "per network": analysis.per_network,
    "Kaplan–Yorke": lambda x: analysis.kaplan_yorke(x[0]) and None,
    "state": lambda x: analysis.jacobian(nz.RateNetwork(W), x[0]),
    "state of a step": lambda x: nz.simulation.step_stability(nz.RateNetwork(W), x[0], 0.1),
    "modes": lambda x: analysis.modes(nz.RateNetwork(W), x[0]),
    "fixed point": lambda x: analysis.nearest_fixed_point(nz.RateNetwork(W), x[0]),
    "lags": lambda x: theory.autocovariance(TANH, 2.0, lags=x[0]),
    "patterns": lambda x: weights.hopfield(x, 1.0),
    "permutation": lambda x: weights.nrooks(1.0, x[0]),
}
BAD_ARRAYS = {
    "masked": np.ma.array([[1.0, 0.5], [0.5, 1.0]], mask=[[True, False], [False, False]]),
    "masked within a list": [np.ma.array([1.0, 0.5], mask=[True, False]), np.array([0.5, 1.0])],
    "complex": np.eye(2) + 0j,
    "text": np.array([["1", "0"], ["0", "1"]]),
    "objects": np.array([[1.0, None], [0.5, 1.0]], dtype=object),
    "dates": np.zeros((2, 2), "M8[s]"),
}
NAN_ALLOWED = {"Kaplan–Yorke"}


@pytest.mark.parametrize("call", ARRAYS.values(), ids=ARRAYS)
def test_arrays_of_other_than_real_numbers_are_refused(call):
    assert not_refused(call, BAD_ARRAYS) == []


@pytest.mark.parametrize("name", sorted(ARRAYS.keys() - NAN_ALLOWED))
def test_arrays_that_are_not_finite_are_refused(name):
    values = {str(bad): np.array([[bad, 0.5], [0.5, 1.0]]) for bad in (np.nan, np.inf)}
    assert not_refused(ARRAYS[name], values) == []


@pytest.mark.slow
@given(
    st.one_of(
        st.text(max_size=3),
        st.binary(max_size=3),
        st.complex_numbers(),
        st.none(),
        st.booleans(),
        st.dates(),
        st.dictionaries(st.integers(), st.integers(), max_size=2),
        st.lists(st.text(min_size=1, max_size=2), min_size=1, max_size=3),
        st.sampled_from([[[1.0], [1.0, 2.0]], [None], {1.0}, print, object(), np.ma.masked, [1.0, "2"], [1j]]),
    )
)
def test_invalid_numbers_give_an_error_of_one_line(value):
    with pytest.raises(InputError, match=r"^gains[^\n]+; real numbers[^\n]*$"):
        real_array(value, "gains")


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**30), 10**30), max_size=5))
def test_real_numbers_pass_unchanged(values):
    assert real_array(values, "gains").tolist() == [float(value) for value in values]


@pytest.mark.parametrize(
    "values",
    [
        np.float32([1, 2]),
        np.int8([1, 2]),
        jnp.array([1.0, 2.0]),
        xr.DataArray([1.0, 2.0], dims="x"),
        pd.Series([1, 2], dtype="Int64"),
        pd.array([1.0, 2.0], dtype="Float64"),
        np.ma.array([1.0, 2.0], mask=False),
        (1, Fraction(2)),
        np.array([1.0, 2.0], dtype=object),
    ],
)
def test_arrays_of_many_kinds_are_read(values):
    array = real_array(values, "gains")
    assert array.dtype == np.float64
    assert array.tolist() == [1.0, 2.0]


def test_arrays_of_booleans_are_read_as_0_and_1():
    np.testing.assert_array_equal(weights.square([[False, True], [True, False]]), [[0, 1], [1, 0]])


@pytest.mark.parametrize("value", ["1", 1j, np.nan, np.ma.masked, [1.0], 0.0, -1.0])
def test_the_error_asks_for_one_suitable_number(value):
    with pytest.raises(InputError, match=r"^exponent"):
        real_number(value, "exponent", "above zero", lambda p: 0 < p < np.inf)


def test_traced_values_pass_and_derivatives_are_right():
    def variance(strength, gain, tau):
        process = 2.0 * nz.White(strength) + nz.OrnsteinUhlenbeck(strength, tau)
        network = nz.RateNetwork(jnp.asarray(W), gain, tau=tau, bias=gain, noise=process)
        frozen = nz.Onsager(network, gain)
        return frozen.drift(jnp.ones(2)).sum() + process.parts[0].strength ** 2

    slopes = jax.jit(jax.grad(variance, argnums=(0, 1, 2)))(1.5, 0.7, 1.2)
    h = 1e-6
    rough = [
        (variance(*(np.array([1.5, 0.7, 1.2]) + h * e)) - variance(*(np.array([1.5, 0.7, 1.2]) - h * e))) / (2 * h)
        for e in np.eye(3)
    ]
    np.testing.assert_allclose(slopes, rough, rtol=1e-6)
    with pytest.raises(InputError, match="complex"):
        jax.jit(lambda z: nz.White(z).strength)(1j)


def test_arrays_of_jax_keep_their_precision_and_are_checked():
    single = jnp.asarray(W, jnp.float32)
    assert nz.RateNetwork(single).weights.dtype == jnp.float32
    assert real_values(single, "W") is single
    with pytest.raises(InputError, match="NaN"):
        nz.RateNetwork(single.at[0, 0].set(jnp.nan))
    with pytest.raises(InputError, match="square"):
        nz.RateNetwork(jnp.ones((2, 3)))


def test_numpy_defers_products_with_noise_to_the_noise():
    assert (np.float64(3.0) * nz.White(2.0)).strength == 6.0
    assert (np.array([1.0, 2.0]) * nz.White(2.0)).strength.tolist() == [2.0, 4.0]


def test_only_noises_can_be_added_to_noises():
    with pytest.raises(REFUSED):
        nz.White(1.0) + 1.0


def test_a_gate_may_stay_open_forever():
    always = nz.Gated(nz.White(2.0), 10, np.inf)
    assert always.step_law(1, 10**9)[0].item() == 2.0


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (-np.eye(3), "eigenvalue -1"),
        ([[1.0, 2.0], [2.0, 1.0]], "eigenvalue -1"),
        (np.diag([1.0, 1.0, -1e-3]), "eigenvalue -0.001"),
        ([[1.0, 0.5], [0.4, 1.0]], "a symmetric matrix"),
    ],
)
def test_invalid_covariances_are_refused(matrix, message):
    for measure in (nz.participation_dimension, nz.covariance_spectrum):
        with pytest.raises(InputError, match=message):
            measure(matrix)


@pytest.mark.parametrize("precision", [np.float64, np.float32])
def test_covariances_of_few_samples_are_covariances(precision):
    # rank 5 of 60, far from the origin: eigenvalues that should be zero have random signs
    samples = (np.random.default_rng(0).standard_normal((5, 60)) + 3).astype(precision)
    covariance = samples.T @ samples / 5 - np.outer(samples.mean(0), samples.mean(0))
    centred = samples - samples.mean(0)
    gram = (centred.astype(float) @ centred.T) / 5  # the same eigenvalues
    expected = np.trace(gram) ** 2 / (60 * (gram**2).sum())
    assert nz.participation_dimension(covariance) == pytest.approx(expected, rel=1e-4)
    assert np.isnan(nz.participation_dimension(np.zeros((3, 3))))

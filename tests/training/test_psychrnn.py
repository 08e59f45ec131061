"""Networks of PsychRNN, compared with its update equations in NumPy."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from noisette import White, simulate
from noisette.activations import sigmoid
from noisette.errors import InputError
from noisette.networks import RateNetwork, TaskNetwork
from noisette.training import extras, load, read_psychrnn

SIZE, CHANNELS, OUTPUTS, TAU, DT = 10, 2, 3, 100.0, 10.0


def stored(tmp_path, *, dale, **changed):
    """Write a file as `RNN.save` of PsychRNN does, with raw weights, and return its path and its arrays."""
    rng = np.random.default_rng(3)
    arrays = {
        "init_state": rng.normal(size=(1, SIZE)),
        "W_in": rng.normal(size=(SIZE, CHANNELS)),
        "W_rec": rng.normal(size=(SIZE, SIZE)) / 3,
        "W_out": rng.normal(size=(OUTPUTS, SIZE)),
        "b_rec": rng.normal(size=SIZE),
        "b_out": rng.normal(size=OUTPUTS),
        "Dale_rec": np.diag([1.0] * 8 + [-1.0] * 2),
        "Dale_out": np.diag([1.0] * 8 + [0.0] * 2),
        "input_connectivity": (rng.random((SIZE, CHANNELS)) < 0.7) * 1.0,
        "rec_connectivity": (rng.random((SIZE, SIZE)) < 0.7) * 1.0,
        "output_connectivity": np.ones((OUTPUTS, SIZE)),
        "dale_ratio": np.array(0.8 if dale else None),
    } | changed
    path = tmp_path / "psychrnn.npz"
    np.savez(path, **{name: values for name, values in arrays.items() if values is not None})
    return path, arrays


def reference(arrays, inputs, *, dale):
    """Return the states and outputs of the noiseless equations of PsychRNN, x ← (1 − α) x + α (W φ(x) + b + W_in u)."""
    effective = {
        name: arrays[name] * arrays[mask]
        for name, mask in (
            ("W_rec", "rec_connectivity"),
            ("W_in", "input_connectivity"),
            ("W_out", "output_connectivity"),
        )
    }
    if dale:
        effective = {name: np.abs(weights) for name, weights in effective.items()}
        effective["W_rec"] = effective["W_rec"] @ arrays["Dale_rec"]
        effective["W_out"] = effective["W_out"] @ arrays["Dale_out"]
    state, alpha = arrays["init_state"][0], DT / TAU
    for signal in inputs:
        drive = effective["W_rec"] @ np.maximum(state, 0) + arrays["b_rec"] + effective["W_in"] @ signal
        state = (1 - alpha) * state + alpha * drive
    return state, effective["W_out"] @ np.maximum(state, 0) + arrays["b_out"]


@pytest.mark.parametrize("dale", [False, True])
def test_a_simulation_follows_the_equations_of_psychrnn(tmp_path, dale):
    path, arrays = stored(tmp_path, dale=dale)
    result = read_psychrnn(path, tau=TAU)
    inputs = np.random.default_rng(0).normal(size=(20, CHANNELS))
    start = result.configuration["init_state"]
    data = simulate(result.network, 20, dt=DT, solver="euler", start=start, inputs=inputs, key=0, warn=False)
    state, output = reference(arrays, inputs, dale=dale)
    np.testing.assert_allclose(data.final[0], state, rtol=1e-12)
    np.testing.assert_allclose(result.network.output(jnp.asarray(data.final.values[0])), output, rtol=1e-12)
    assert result.configuration["dale"] is dale


def test_the_noise_of_a_step_is_that_of_psychrnn(tmp_path):
    # a step adds √(2 dt/τ) σ ξ; White(s) adds s √dt ξ
    path, _ = stored(tmp_path, dale=False)
    noise = read_psychrnn(path, tau=TAU, rec_noise=0.3).network.noise
    assert isinstance(noise, White)
    assert float(noise.strength) * DT**0.5 == pytest.approx((2 * DT / TAU) ** 0.5 * 0.3)


def test_load_reads_psychrnn_in_units_of_tau_and_nothing_is_unpickled(tmp_path):
    path, arrays = stored(tmp_path, dale=False)
    network = load(path).network
    assert isinstance(network, RateNetwork)
    assert (network.time_unit, network.noise, float(network.tau)) == ("tau", None, 1.0)
    assert "dale_ratio" not in extras(path)
    assert np.array_equal(network.weights, arrays["W_rec"] * arrays["rec_connectivity"])


def test_effective_weights_are_not_changed_by_connectivity_and_signs(tmp_path):
    # RNN.save stores effective weights; applying masks and signs again changes nothing
    first = load(stored(tmp_path, dale=True)[0]).network
    again = {name: np.asarray(values) for name, values in (("W_rec", first.weights), ("W_in", first.input_weights))}
    second = load(stored(tmp_path, dale=True, **again, W_out=np.asarray(first.readout))[0]).network
    assert all(np.array_equal(a, b) for a, b in zip(jax.tree.leaves(first), jax.tree.leaves(second), strict=True))


def test_another_transfer_function(tmp_path):
    assert read_psychrnn(stored(tmp_path, dale=False)[0], activation=sigmoid).network.activation is sigmoid


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"W_in": None}, r"lacks W_in; .*as written by RNN.save of PsychRNN"),
        ({"W_rec": np.array([{}])}, "W_rec is a pickled object"),
        ({"W_rec": np.ones((3, 4))}, "rec_connectivity in .* of shape"),
        ({"W_rec": np.full((SIZE, SIZE), np.nan)}, "W_rec in .* NaN"),
        ({"b_rec": np.ones(3)}, "bias of shape"),
        ({"W_in": np.ones((3, 2)), "input_connectivity": None}, "input weights of shape"),
    ],
)
def test_invalid_files_are_explained_in_one_line(tmp_path, changed, message):
    path, _ = stored(tmp_path, dale=False, **changed)
    with pytest.raises(InputError, match=message) as refused:
        read_psychrnn(path)
    assert "\n" not in str(refused.value)
    assert "psychrnn.npz" in str(refused.value)


@pytest.mark.parametrize("options", [{"tau": 0.0}, {"tau": np.nan}, {"rec_noise": -1.0}])
def test_invalid_options_are_refused(tmp_path, options):
    with pytest.raises(InputError, match=next(iter(options))):
        read_psychrnn(stored(tmp_path, dale=False)[0], **options)


def test_a_network_of_psychrnn_is_no_task_network(tmp_path):
    from noisette.networks import as_network

    with pytest.raises(InputError, match="a RateNetwork; expected a task network"):
        as_network(load(stored(tmp_path, dale=False)[0]), TaskNetwork)

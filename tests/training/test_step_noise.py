"""Noise of task networks inside the activation, on rates, synapses and the read-out, in training and testing."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from noisette import tasks, training
from noisette.errors import InputError
from noisette.networks import StepNoise, TaskNetwork
from noisette.noise import by_place
from noisette.training import PlacedNoise

SIZE, CHANNELS, OUTPUTS = 14, 3, 2
TASK = tasks.DMS(fixation=10, stimulus=15, delay=10, gap=5, response=30, duration=90)
STEPS = TASK.steps - 1
STDS = StepNoise(activation=0.6, rate=0.2, synapses=0.3, readout=0.4)
KEY = jax.random.key(2)


@pytest.fixture(scope="module")
def network():
    drawn = TaskNetwork.random(SIZE, outputs=OUTPUTS, noise_channels=CHANNELS, density=0.6, key=jax.random.key(0))
    weights = np.array(drawn.weights)
    weights[:, 3] = -0.01  # a unit whose outgoing weights are all dead
    mask = np.ones((SIZE, SIZE), bool)
    mask[2, 5] = False
    return TaskNetwork(
        weights,
        drawn.signs,
        drawn.logits,
        drawn.input_weights,
        10 * drawn.readout,
        readout_bias=[0.1, -0.2],
        noise_weights=drawn.noise_weights,
        mask=mask,
        step_noise=STDS,
    )


@pytest.fixture(scope="module")
def one_output():
    return TaskNetwork.random(SIZE, noise_channels=CHANNELS, step_noise=STDS, key=jax.random.key(0))


@pytest.fixture(scope="module")
def inputs():
    return TASK.trial(key=jax.random.key(1), label=1).inputs


def drawn(internals, **order):
    return internals.draws.placed_noise(KEY, internals.draws.Stds(*STDS), STEPS, size=SIZE, outputs=OUTPUTS, **order)


def outputs_of(internals, network, inputs, parts=None, frozen=None):
    """Return the outputs of a trial by the program of training."""
    frozen = internals.condense.frozen_part(network, None, SIZE) if frozen is None else frozen
    parts = network.trainable if parts is None else parts
    return internals.program.trial_outputs(parts, frozen, internals.network.constants_of(network), inputs, KEY)


def plain_outputs(internals, xp, network, inputs, placed, parameters):
    """Return the outputs from the plain equations, in NumPy or JAX with float64; noise only from `placed`."""
    raw, logits, readout, bias, noise_weights = parameters
    psi, xi, x = (np.asarray(n, float) for n in internals.draws.trial_noise(KEY, STEPS, SIZE, CHANNELS))
    inside, outside, relative, observed = (np.asarray(n, float) for n in placed)
    inputs = np.asarray(inputs, float)
    alpha = 5 / (20 + 105 / (1 + xp.exp(-logits)))
    weights = xp.where(raw > 0, raw, 0.0) * np.asarray(network.signs, float) * np.asarray(network.mask) * (1 + relative)
    results = []
    for t in range(STEPS):
        rate = 1 / (1 + xp.exp(-(x + inside[t]))) + outside[t]
        current = weights @ rate + noise_weights @ psi[t] + np.asarray(network.input_weights, float) @ inputs[t]
        x = (1 - alpha) * x + alpha * current + 0.1 * xi[t]
        after = 1 / (1 + xp.exp(-(x + inside[t + 1]))) + outside[t + 1]
        results.append(readout @ after + bias + observed[t])
    return xp.stack(results)


@pytest.fixture(scope="module")
def exact(network):
    return [np.asarray(leaf, float) for leaf in network.trainable]


def test_training_agrees_with_the_plain_equations(internals, network, inputs, exact):
    expected = plain_outputs(internals, np, network, inputs, drawn(internals), exact)
    np.testing.assert_allclose(
        jax.jit(partial(outputs_of, internals))(network, inputs), expected, atol=2e-6 * np.abs(expected).max()
    )


def test_a_trial_step_by_step_agrees_with_the_plain_equations(internals, network, inputs, exact):
    noise = internals.draws.trial_noise(KEY, STEPS, SIZE, CHANNELS)
    _, outputs = training.run_trial(network, inputs, *noise, placed=drawn(internals))
    expected = plain_outputs(internals, np, network, inputs, drawn(internals), exact)
    np.testing.assert_allclose(outputs, expected, atol=2e-6 * np.abs(expected).max())


def test_one_step_by_hand():
    """One unit, α = ½: x_1 = ½ x_0 + ½ w (1 + z) (σ(x_0 + η_0) + ρ_0), o = 2 (σ(x_1 + η_1) + ρ_1) + υ."""
    unit = TaskNetwork([[0.8]], [1.0], [0.0], [[2.0]], [[2.0]], dt=5.0, tau_range=(5.0, 15.0))
    placed = PlacedNoise(*(jnp.asarray(n) for n in ([[0.3], [-0.4]], [[0.1], [0.2]], [[0.5]], [[-0.7]])))
    states, outputs = training.run_trial(
        unit, jnp.zeros((2, 1)), jnp.zeros((1, 0)), jnp.zeros((1, 1)), jnp.asarray([0.6]), placed=placed
    )
    sigma = lambda x: 1 / (1 + np.exp(-x))  # noqa: E731
    x = 0.3 + 0.5 * 0.8 * 1.5 * (sigma(0.9) + 0.1)
    assert float(states[0, 0]) == pytest.approx(x, rel=1e-6)
    assert float(outputs[0, 0]) == pytest.approx(2 * (sigma(x - 0.4) + 0.2) - 0.7, rel=1e-5)


@pytest.fixture(scope="module")
def gradients(internals, network, inputs):
    return jax.jit(jax.grad(lambda parts: jnp.sum(outputs_of(internals, network, inputs, parts) ** 2)))(
        network.trainable
    )


@pytest.mark.slow
def test_gradients_are_those_of_the_plain_equations(internals, network, inputs, exact, gradients):
    loss = lambda p: jnp.sum(plain_outputs(internals, jnp, network, inputs, drawn(internals), p) ** 2)  # noqa: E731
    expected = jax.grad(loss)(exact)
    for name, ours, theirs in zip(gradients._fields, gradients, expected, strict=True):
        assert np.abs(np.asarray(ours) - theirs).max() < 1e-5 * np.abs(theirs).max(), name


@pytest.mark.slow
def test_gradients_are_finite_differences(internals, network, inputs, exact, gradients):
    alive = tuple(np.argwhere(exact[0] > 0.05)[7])
    places = {"weights": alive, "logits": (4,), "readout": (0, 6), "readout_bias": (0,), "noise_weights": (5, 1)}
    for i, (name, place) in enumerate(places.items()):
        ends = []
        for sign in (1, -1):
            moved = [leaf.copy() for leaf in exact]
            moved[i][place] += sign * 1e-5
            ends.append((plain_outputs(internals, np, network, inputs, drawn(internals), moved) ** 2).sum())
        slope = (ends[0] - ends[1]) / 2e-5
        scale = float(np.abs(gradients[i]).max())
        assert float(getattr(gradients, name)[place]) == pytest.approx(slope, abs=1e-5 * scale), name


@pytest.mark.slow
def test_leaving_dead_columns_out_changes_neither_draws_nor_outputs(internals, network, inputs):
    live = internals.condense.live_columns(np.asarray(network.weights), np.asarray(network.mask))
    assert not live[3]
    order, width = np.argsort(~live, kind="stable"), int(live.sum())
    all_units, some = drawn(internals), drawn(internals, order=jnp.asarray(order), width=width)
    np.testing.assert_array_equal(some.activation, all_units.activation[:, order])
    np.testing.assert_array_equal(some.synapses, all_units.synapses[np.ix_(order, order[:width])])
    frozen = internals.condense.frozen_part(network, order, width)
    condensed = outputs_of(
        internals, network, inputs, internals.condense.condensed(network.trainable, order, width), frozen
    )
    np.testing.assert_allclose(condensed, outputs_of(internals, network, inputs), atol=1e-5)


@pytest.mark.slow
def test_the_draws_are_standard_normal_and_independent(internals):
    placed = internals.draws.placed_noise(KEY, internals.draws.Stds(2.0, 2.0, 2.0, 2.0), 400, size=200, outputs=50)
    values = [np.asarray(n, float).ravel() / 2 for n in placed]
    for i, one in enumerate(values):
        assert abs(one.mean()) < 5 / np.sqrt(len(one))
        assert abs((one**2).mean() - 1) < 5 * np.sqrt(2 / len(one))
        for other in values[:i]:
            n = min(len(one), len(other))
            assert abs(one[:n] @ other[:n]) < 5 * np.sqrt(n)


def test_noise_at_other_places_does_not_change_the_other_draws(internals, network, inputs):
    """Noise on the read-out alone is added to the outputs that the network has without it."""
    silent, noisy = (network.with_step_noise(StepNoise(readout=std)) for std in (0.0, 0.4))
    added = np.asarray(outputs_of(internals, noisy, inputs)) - np.asarray(outputs_of(internals, silent, inputs))
    np.testing.assert_allclose(added, drawn(internals).readout, atol=2e-6)


def test_without_step_noise_nothing_is_drawn(internals, network, inputs):
    """The program is the one of a network that has no step noise at all."""
    silent = network.with_step_noise(StepNoise())
    constants = internals.program.Constants(network.tau_range, network.dt, network.sensory_noise)
    assert internals.network.constants_of(silent) == constants
    program = lambda n: str(jax.make_jaxpr(lambda k: outputs_of(internals, n, inputs))(KEY))  # noqa: E731
    assert len(program(silent)) < len(program(network))


@pytest.mark.slow
def test_outputs_have_the_law_of_the_equivalent_rate_network(one_output):
    """Mean and variance of the last outputs agree within 5 standard errors of the difference, here of 3000 trials."""
    trials, network = 3000, one_output
    equivalent = network.network
    assert set(by_place(equivalent.noise)) == {"current", "activation", "rate", "synapses", "readout"}
    ours = training.run_trials(network, TASK, trials, label=1, key=3).outputs.values[:, -1]
    theirs = training.run_trials(equivalent, TASK, trials, label=1, key=4).outputs.values[:, -1]
    a, b = ours.astype(float), theirs.astype(float)
    assert abs(a.mean() - b.mean()) < 5 * np.sqrt((a.var() + b.var()) / trials)
    fourth = lambda v: ((v - v.mean()) ** 4).mean() - v.var() ** 2  # noqa: E731
    assert abs(a.var() - b.var()) < 5 * np.sqrt((fourth(a) + fourth(b)) / trials)
    silent = training.run_trials(network.with_step_noise(StepNoise()), TASK, 500, label=1, key=3).outputs.values[:, -1]
    assert a.var() > 1.5 * silent.var()


@pytest.mark.slow
def test_noise_on_rates_and_readout_keeps_the_mean_of_uncoupled_units():
    """o = V (σ(x) + ρ ω) + ε υ has mean V σ(x) and variance ρ² |V|² + ε²."""
    base = TaskNetwork(np.zeros((3, 3)), np.ones(3), np.zeros(3), np.zeros((3, 2)), [[1.0, -2.0, 0.5]], sensory_noise=0)
    noisy = base.with_step_noise(StepNoise(rate=0.3, readout=0.2))
    with_, without = (training.run_trials(n, TASK, 400, key=0).outputs.values.astype(float) for n in (noisy, base))
    difference, number = with_ - without, with_.size
    variance = 0.09 * 5.25 + 0.04
    assert abs(difference.mean()) < 5 * np.sqrt(variance / number)
    assert difference.var() == pytest.approx(variance, rel=5 * np.sqrt(2 / number))


@pytest.mark.slow
def test_internal_noise_switches_step_noise_off(one_output):
    off = training.run_trials(one_output, TASK, 3, key=0, internal_noise=False)
    silent = training.run_trials(one_output.with_step_noise(StepNoise()), TASK, 3, key=0, internal_noise=False)
    np.testing.assert_allclose(off.outputs, silent.outputs, atol=1e-6)


@pytest.mark.slow
def test_step_noise_of_a_test_replaces_that_of_the_training(one_output):
    replaced = training.test(one_output, TASK, trials=20, step_noise=StepNoise(), key=1)
    silent = training.test(one_output.with_step_noise(StepNoise()), TASK, trials=20, key=1)
    trained = training.test(one_output, TASK, trials=20, key=1)
    assert float(replaced.loss[0, 0]) == float(silent.loss[0, 0]) != float(trained.loss[0, 0])


@pytest.mark.parametrize("suffix", [".npz", ".mat"])
def test_files_contain_the_step_noise(network, tmp_path, suffix):
    file = training.save(network, tmp_path / f"one{suffix}")
    assert training.load(file).network.step_noise == STDS
    silent = training.save(network.with_step_noise(StepNoise()), tmp_path / f"two{suffix}")
    assert training.load(silent).network.step_noise == StepNoise()
    assert "step_noise" not in training.extras(file)


def test_only_files_with_step_noise_have_the_new_format(network, tmp_path):
    for stds, number in ((STDS, 2), (StepNoise(), 1)):
        file = training.save(network.with_step_noise(stds), tmp_path / "one.npz")
        with np.load(file) as contents:
            assert contents["format"] == number
            assert ("step_noise" in contents) == any(stds)


@pytest.mark.slow
def test_networks_are_trained_with_step_noise(tmp_path):
    """Training in noise resumes from its folder, and a folder without noise is refused."""
    protocol = training.Protocol(max_trials=4, test_every=2, test_trials=3)
    draw = training.initial_networks(TASK, 12, step_noise=StepNoise(activation=0.5))
    (first,) = training.train(TASK, 1, draw=draw, protocol=protocol, folder=tmp_path, key=3)
    assert first.network.step_noise.activation == 0.5
    (again,) = training.train(TASK, 1, draw=draw, protocol=protocol, folder=tmp_path, key=3)
    assert (np.asarray(again.network.weights) == np.asarray(first.network.weights)).all()
    silent = training.initial_networks(TASK, 12)
    with pytest.raises(InputError, match="step_noise"):
        training.train(TASK, 1, draw=silent, protocol=protocol, folder=tmp_path, key=3)
    (other,) = training.train(TASK, 1, draw=silent, protocol=protocol, key=3)
    assert (np.asarray(other.network.weights) != np.asarray(first.network.weights)).any()


@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf")])
def test_standard_deviations_are_not_negative(network, value):
    with pytest.raises(InputError, match="rate noise"):
        network.with_step_noise(StepNoise(rate=value))

import json
import warnings

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import solve_continuous_lyapunov, solve_discrete_lyapunov

import noisette as nz
from noisette.activations import linear, relu
from noisette.errors import InputError
from noisette.networks import Flow
from noisette.simulation._continuous import steps_and_dt
from noisette.simulation._stack import starts

KEY = jax.random.key(0)
N = 10
W = np.asarray(nz.weights.gaussian(N, N**-0.5, self_coupling=False, key=KEY))
NETWORK = nz.RateNetwork(W, 1.2)  # stable at rest, in steps of 0.1, too


def path(networks, **arguments):
    """Simulate 20 steps and record them; tests that need no more share one compiled program."""
    return nz.simulate(networks, **{"dt": 0.1, "probes": nz.Trace(), "key": KEY, "duration": 2.0, **arguments})


@pytest.mark.slow
def test_time_is_steps_times_dt():
    result = path(NETWORK)
    assert result.trace.time.values == pytest.approx(0.1 * np.arange(20))
    took = json.loads(result.attrs["configuration"])
    assert (took["dt"], took["steps"]) == (0.1, 20)
    assert path(NETWORK, duration=None, steps=20).equals(result)
    assert (result.trace.values[0, 0] == starts(NETWORK, None, 1, KEY)[0]).all()
    # the step is that of the equation: x + dt (−x + g W φ(x))
    x = result.trace.values[0]
    assert x[1:] == pytest.approx(x[:-1] + 0.1 * (-x[:-1] + 1.2 * np.tanh(x[:-1]) @ W.T))


@given(steps=st.integers(1, 100_000), dt=st.floats(1e-4, 10))
def test_any_whole_number_of_steps_is_exact(steps, dt):
    assert steps_and_dt([NETWORK], None, steps * dt, dt, None) == (steps, dt)
    assert steps_and_dt([NETWORK], steps, None, dt, None) == (steps, dt)
    if steps < 10_000:
        with pytest.raises(InputError, match="a whole number of steps"):
            steps_and_dt([NETWORK], None, (steps + 0.5) * dt, dt, None)


def test_the_suggested_duration_is_valid():
    with pytest.raises(InputError, match=r"duration 1 is 3.33333 steps of dt 0.3; .*duration=1.2 would do"):
        nz.simulate(NETWORK, duration=1.0, dt=0.3, key=KEY)
    assert steps_and_dt([NETWORK], None, 1.2, 0.3, None)[0] == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "neither steps nor duration; .*give duration="),
        ({"steps": 5, "duration": 1.0}, "both steps and duration"),
        ({"steps": 0}, "steps 0"),
        ({"duration": 0.0}, "duration 0.0; a time above zero"),
        ({"duration": -1.0}, "duration -1.0"),
        ({"duration": np.inf}, "duration inf"),
        ({"duration": 1.0, "dt": 0.0}, "dt 0.0; a time above zero, or 'auto'"),
        ({"duration": 1.0, "dt": -0.1}, "dt -0.1"),
        ({"duration": 1.0, "dt": np.nan}, "dt nan"),
        ({"duration": 1.0, "dt": "short"}, "dt 'short'"),
        (
            {"duration": 1.0, "solver": "rk4"},
            "solver 'rk4'; auto, euler, heun, milstein, adaptive, stiff, an Adaptive or a Stiff",
        ),
        ({"duration": 1.0, "start": "gaussian"}, "start 'gaussian'"),
        ({"duration": 1.0, "start": [1.0, 2.0], "runs": 3}, "2 starts for 3 runs"),
        ({"steps": 9, "inputs": np.zeros(5)}, r"inputs of shape \(5, 1\) for 9 steps"),
        ({"steps": 9, "inputs": np.full(9, np.nan)}, "inputs with 9 of 9 values NaN"),
    ],
)
def test_invalid_input_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        nz.simulate(NETWORK, **{"dt": 0.1, "key": KEY, **arguments})


@pytest.fixture(scope="module")
def frozen():
    """Return two gradient flows of 60 units, given their gains."""
    J = nz.weights.gaussian(60, 60**-0.5, self_coupling=False, key=KEY)
    return lambda *gains: [nz.Onsager(nz.RateNetwork(J, g)) for g in gains]


@pytest.mark.slow
def test_the_automatic_step_keeps_half_of_the_stable_one(frozen):
    """dt · sharpness ≤ 1 at rest, and below 2 at the end, for non-stiff and stiff networks."""
    for gain in (2.0, 8.0):
        networks = frozen(gain / 2, gain)
        result = nz.simulate(networks, duration=5, probes=nz.Speed(), key=KEY)
        took = json.loads(result.attrs["configuration"])
        assert took["dt"] * took["steps"] == pytest.approx(5)
        top = np.linalg.norm(np.eye(60) - gain * np.asarray(networks[1].network.weights), 2) ** 2
        assert 0.2 < took["dt"] * top <= 1.0001
        assert (result.stability.values < 2).all()
        assert (result.rising.values == 0).all()
    # for non-stiff networks the step is τ/20 in any unit of time
    assert steps_and_dt([nz.RateNetwork(W, 0.1, tau=[20.0, *[100.0] * 9])], None, 50.0, "auto", np.zeros((1, N))) == (
        50,
        1,
    )


def test_too_long_a_step_gives_a_warning_with_a_suitable_one(frozen):
    """With dt = .01 Euler does not freeze g = 12: the Hessian's top eigenvalue exceeds 2/dt = 200 from g = 7 on."""
    networks = frozen(2.0, 12.0)
    probe = nz.Speed()
    with pytest.warns(
        nz.StepSizeWarning, match=r"dt 0.01 is too long: .*network 1.*stable only for dt < .*use dt="
    ) as warnings_given:
        long = nz.simulate(networks, duration=20, dt=0.01, probes=probe, key=KEY)
    assert long.stability.values[0] < 2 < long.stability.values[1]
    assert long.rising.values[0, 0] == 0
    assert long.rising.values[1, 0] > 0.2
    remedy = float(str(warnings_given[0].message).split("use dt=")[1].split(" ")[0])
    assert remedy * long.stability.values[1] / 0.01 <= 1  # half of the bound
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        short = nz.simulate(networks, duration=2, dt=0.001, probes=probe, key=KEY)
    assert short.rising.values[:, 0].tolist() == [0, 0]


def test_divergence_is_reported_and_does_not_affect_others():
    relu_network = nz.RateNetwork(np.abs(W), 0.2, activation=relu)
    networks = [relu_network, relu_network.with_gain(6.0)]
    arguments = {"steps": 4000, "dt": 0.05, "start": 1.0, "key": KEY}
    with pytest.warns(nz.BlowUpWarning, match="1 trials became infinite or NaN: network 1 run 0$"):
        both = nz.simulate(networks, **arguments)
    assert not np.isfinite(both.final.values[1]).any()
    alone = nz.simulate(relu_network, **arguments)
    assert np.abs(alone.final.values).max() > 0
    assert both.final.values[0] == pytest.approx(alone.final.values, rel=1e-12)
    assert float(both.stability[0]) == pytest.approx(float(alone.stability))


@pytest.mark.slow
def test_batched_gains_equal_single_simulations():
    gains = [0.5, 1.2, 3.0]
    together = path([NETWORK.with_gain(g) for g in gains])
    for i, gain in enumerate(gains):
        assert together.trace.values[i] == pytest.approx(path(NETWORK.with_gain(gain)).trace.values, abs=1e-9)


@pytest.mark.slow
def test_an_input_is_an_array_or_a_function_of_time():
    network = nz.RateNetwork(W, 0.8, input_weights=W[:, :2])
    signal = lambda t: np.array([np.sin(t), t])  # noqa: E731
    t = 0.05 * np.arange(100)
    as_array = nz.simulate(network, 100, dt=0.05, inputs=np.stack([np.sin(t), t], 1), key=KEY)
    as_function = nz.simulate(network, 100, dt=0.05, inputs=signal, key=KEY)
    assert as_function.final.values == pytest.approx(as_array.final.values, rel=1e-12)
    # the step is that of the equation: x + dt (−x + g W φ(x) + B u(n dt))
    x = network.start(key=jax.random.split(jax.random.fold_in(KEY, 2**32 - 2), 1)[0])
    for n in range(100):
        x = x + 0.05 * (-x + 0.8 * W @ np.tanh(x) + W[:, :2] @ signal(t[n]))
    assert as_array.final.values[0] == pytest.approx(x, rel=1e-9)


# stationary moments

A = 0.6 * W - np.eye(N)
COPIES = np.kron(np.eye(10), W)  # ten networks in one
RUNS = 63
TRIALS = 10 * RUNS
STEPS = 400  # the same for every dt: one program
TAU = 0.7
NOISES = {"white": nz.White(0.5), "coloured": nz.OrnsteinUhlenbeck(0.5, tau=TAU)}


def finals(name, dt, seed):
    """Return the last states of 630 trials."""
    network = nz.RateNetwork(COPIES, 0.6, activation=linear, noise=NOISES[name])
    result = nz.simulate(network, STEPS, dt=dt, key=jax.random.key(seed), start=0.0, runs=RUNS)
    return result.final.values.reshape(TRIALS, N)


def exact_covariance(name):
    """Return the covariance in continuous time, from A C + C Aᵀ = −Q; coloured noise is N more variables."""
    if name == "white":
        return solve_continuous_lyapunov(A, -0.25 * np.eye(N))
    drift = np.block([[A, np.eye(N)], [np.zeros((N, N)), -np.eye(N) / TAU]])
    q = np.diag(np.repeat([0.0, 2 * 0.25 / TAU], N))
    return solve_continuous_lyapunov(drift, -q)[:N, :N]


def euler_covariance(name, dt):
    """Return the covariance of the Euler scheme, from M C Mᵀ − C = −Q."""
    if name == "white":
        return solve_discrete_lyapunov(np.eye(N) + dt * A, 0.25 * dt * np.eye(N))
    decay = np.exp(-dt / TAU)
    step = np.block([[np.eye(N) + dt * A, dt * np.eye(N)], [np.zeros((N, N)), decay * np.eye(N)]])
    q = np.diag(np.repeat([0.0, 0.25 * (1 - decay**2)], N))
    return solve_discrete_lyapunov(step, q)[:N, :N]


@pytest.mark.slow
@pytest.mark.parametrize("name", NOISES)
def test_stationary_moments_depend_on_dt_to_first_order(name):
    """Mean variances of 10 units in 630 trials, within 4.5 standard errors (false alarms below 1e-5 each).

    The covariance of Euler differs from the exact one by O(dt): it halves with dt, and extrapolation removes it.
    """
    exact = exact_covariance(name)
    # correlated units: var of the mean of x_i² is 2 Σ C_ij²/N² per trial
    error = np.sqrt(2 * np.sum(exact**2) / TRIALS) / N
    variance, steps = [], (0.1, 0.05, 0.025)
    for n, dt in enumerate(steps):
        result = finals(name, dt, n)
        variance.append(np.mean(result**2))
        covariance = euler_covariance(name, dt)
        assert variance[-1] == pytest.approx(np.trace(covariance) / N, abs=4.5 * error)
        assert np.abs(result.T @ result / TRIALS - covariance).max() < 5.5 * np.sqrt(2 / TRIALS) * covariance.max()
    assert 2 * variance[2] - variance[1] == pytest.approx(np.trace(exact) / N, abs=4.5 * np.sqrt(5) * error)
    off = [np.trace(euler_covariance(name, dt) - exact) for dt in steps]
    assert np.array(off[:2]) / off[1:] == pytest.approx(2, abs=0.2)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_noise_and_another_seed_other_noise():
    first, again, other = (finals("coloured", 0.1, seed) for seed in (7, 7, 8))
    assert (first == again).all()
    assert (first != other).all()
    assert len(np.unique(first)) == first.size


def test_frozen_noise_moves_the_fixed_point():
    network = nz.RateNetwork(COPIES, 0.6, activation=linear, noise=nz.Frozen(0.5))
    x = nz.simulate(network, STEPS, dt=0.25, key=KEY, start=0.0, runs=RUNS).final.values.reshape(TRIALS, N)
    eta = -x @ A.T  # independent, of standard deviation .5: 6300 numbers within 5 standard errors
    assert eta.var() == pytest.approx(0.25, rel=5 * np.sqrt(2 / 6300))


@pytest.mark.slow
def test_a_gradient_flow_in_noise_has_the_same_temperature_in_every_mode():
    """OR at γ = 1, g = .5, noise √(2T): E_k/N = T/2 ⟨1/(1 − dt s/2)⟩ over the eigenvalues s of the Hessian at rest.

    At T = 1e-4 the potential is harmonic to 1e-4. 15 runs; within 4 of their standard errors, and these are small.
    """
    size, temperature, dt = 100, 1e-4, 0.08
    J = nz.weights.gaussian(size, size**-0.5, self_coupling=False, key=KEY)
    network = nz.Onsager(nz.RateNetwork(J, 0.5, noise=nz.White(np.sqrt(2 * temperature))))
    arguments = {"duration": 80, "dt": dt, "probes": nz.Speed(), "start": 0.0, "runs": 15}
    energy = nz.simulate(network, **arguments, key=KEY).mean_kinetic_energy.values / temperature
    modes = np.linalg.svd(np.eye(size) - 0.5 * np.asarray(J), compute_uv=False) ** 2
    expected = np.mean(1 / (1 - dt * modes / 2)) / 2
    error = energy.std(ddof=1) / np.sqrt(15)
    assert error < 0.006
    assert energy.mean() == pytest.approx(expected, abs=4 * error)
    assert expected > 0.5 + 4 * error  # the effect of the step is significant


@pytest.mark.slow
def test_starts_may_be_shared_or_individual():
    flow = Flow(lambda x: x, 2)
    assert starts(flow, [1.0, 2.0], 3, KEY).tolist() == [[1, 2]] * 3
    assert starts(flow, [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], 3, KEY).tolist() == [[1, 2], [3, 4], [5, 6]]
    assert starts(flow, [7.0, 8.0, 9.0], 3, KEY).tolist() == [[7, 7], [8, 8], [9, 9]]
    assert np.abs(starts(flow, "uniform", 50, KEY)).max() <= 1
    assert len(np.unique(starts(flow, None, 3, KEY))) == 6


@pytest.mark.slow
def test_the_time_dependence_of_gamma_is_in_units_of_time():
    switched = nz.Onsager(NETWORK, nz.Switch([1.0], [0.0, 1.0]))
    whole = nz.simulate(switched, 40, dt=0.05, key=KEY).final.values
    before = nz.simulate(nz.Onsager(NETWORK, 0.0), 20, dt=0.05, key=KEY).final.values
    after = nz.simulate(nz.Onsager(NETWORK, 1.0), 20, dt=0.05, key=KEY, start=before).final.values
    assert whole == pytest.approx(after, rel=1e-12)

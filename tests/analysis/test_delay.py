from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import brentq

import noisette as nz
from noisette.analysis import (
    connectivity,
    delay_state,
    dominant_units,
    modes,
    nearest_fixed_point,
    persistent_activity,
    perturb,
    supports,
)
from noisette.analysis._delay import window_steps
from noisette.analysis._fixed_points import _flow
from noisette.errors import InputError
from noisette.networks import TaskNetwork
from noisette.tasks import CTX, DMS, GoNoGo
from noisette.training import run_trials
from noisette.training.files import load

REAL = Path(__file__).parents[1] / "data" / "gonogo_spikeRNN_tf1.mat"
TASK = DMS(inputs=1)
KEY = jax.random.key(5)
# two units that inhibit each other: the one that the first stimulus excited stays active
FLIP_FLOP = TaskNetwork(
    [[0.0, 20.0], [20.0, 0.0]], [-1.0, -1.0], [0.0, 0.0], [[9.0], [-9.0]], [[1.0, -1.0]], tau_range=(5.0, 25.0)
)


def sigmoid(x):
    return 1 / (1 + np.exp(-np.asarray(x)))


def test_a_bistable_unit_by_hand():
    """x = 8 σ(x) − 4 = 4 tanh(x/2) at 0 and ± 3.83; a start between them ends at the nearer one."""
    network = nz.RateNetwork([[8.0]], bias=-4.0, activation=nz.activations.sigmoid)
    high = brentq(lambda x: 4 * np.tanh(x / 2) - x, 1, 8)
    for start, end in ((0.4, 0.0), (-0.4, 0.0), (3.0, high), (-2.9, -high), (9.0, high)):
        result = nearest_fixed_point(network, [start])
        assert result.converged
        assert result.state[0] == pytest.approx(end, abs=1e-8)
        assert result.distance == pytest.approx(abs(end - start), abs=1e-8)
        assert result.residual < 1e-8


def test_no_fixed_point_is_reported_if_there_is_none():
    network = nz.networks.Flow(lambda x: x**2 + 1, 1)
    result = nearest_fixed_point(network, [0.5])
    assert not result.converged
    assert result.residual >= 1


@pytest.mark.slow
def test_fixed_points_of_a_task_network_solve_its_equation():
    rng = np.random.default_rng(0)
    signs = np.where(np.arange(30) < 20, 1.0, -1.0)
    network = TaskNetwork(rng.normal(size=(30, 30)), signs, rng.normal(size=30), np.ones((30, 1)), np.ones((1, 30)))
    result = nearest_fixed_point(network, np.zeros(30))
    assert result.converged
    np.testing.assert_allclose(network.effective @ sigmoid(result.state), result.state, atol=1e-8)


def test_windows_are_the_periods_of_the_task():
    assert window_steps(DMS()) == (100, 150)
    assert window_steps(DMS(delay=50)) == (100, 110)
    assert window_steps(DMS(), "response") == (210, 299)  # no output follows the last of 300 inputs
    assert window_steps(DMS(), "stimulus 2") == (150, 200)
    assert window_steps(GoNoGo()) == (75, 199)
    assert window_steps(GoNoGo(), (3, 4)) == (3, 4)
    for window, message in (("sleep", "'sleep'; periods of this task are"), ((5, 5), "from step 5 to 5")):
        with pytest.raises(InputError, match=message):
            window_steps(DMS(), window)
    with pytest.raises(InputError, match="steps from 0 to 299"):
        window_steps(DMS(), (0, 300))
    with pytest.raises(InputError, match="at least one"):
        window_steps(DMS(), "second delay")


@pytest.mark.slow
def test_a_flip_flop_rests_in_the_state_set_by_its_stimulus():
    result = delay_state(FLIP_FLOP, TASK, 3, key=KEY, internal_noise=False, window=(140, 150))
    assert result.stimulus.values.tolist() == [1, -1]
    assert result.conditions.values.tolist() == ["+1/+1 or +1/-1", "-1/+1 or -1/-1"]
    assert result.converged.all()
    assert result.attrs["noise"] == "none"
    assert result.attrs["window"] == "steps 140 to 149"
    # by hand: x₀ = −20 σ(x₁), x₁ = −20 σ(x₀): one near 0, the other near −10
    up = brentq(lambda x: -20 * sigmoid(-20 * sigmoid(x)) - x, -1, 0.5)
    np.testing.assert_allclose(result.fixed_point.sel(stimulus=1), [up, -20 * sigmoid(up)], atol=1e-8)
    np.testing.assert_allclose(result.fixed_point.sel(stimulus=-1), [-20 * sigmoid(up), up], atol=1e-8)
    # 200 ms after the stimulus, with τ = 15 ms, a fraction e^(−200/15) = 2e-6 of it remains
    np.testing.assert_allclose(result.state, result.fixed_point, atol=1e-3)
    assert (result.distance < 1e-3).all()
    # input noise is not part of the equation
    noisy = delay_state(FLIP_FLOP, DMS(inputs=1, input_noise=0.1), 3, key=KEY, internal_noise=False)
    assert noisy.stimulus.values.tolist() == [1, -1]
    np.testing.assert_allclose(noisy.fixed_point, result.fixed_point, atol=1e-8)
    assert (result.residual < 1e-3).all()


@pytest.mark.slow
def test_the_state_is_the_mean_over_the_delay_and_its_residual_that_of_the_equation():
    result = delay_state(FLIP_FLOP, TASK, 3, key=KEY)
    runs = run_trials(FLIP_FLOP, TASK, 3, key=jax.random.fold_in(KEY, 0), label=0, units=True)
    expected = runs.units.values.astype(float)[:, 100:150].mean((0, 1))
    np.testing.assert_allclose(result.state.sel(stimulus=1), expected, atol=1e-12)
    for stimulus in (1, -1):
        row = result.sel(stimulus=stimulus)
        x = row.state.values
        assert float(row.residual) == pytest.approx(np.abs(x - FLIP_FLOP.effective @ sigmoid(x)).max())
        assert float(row.distance) == pytest.approx(np.linalg.norm(x - row.fixed_point.values))
        assert float(row.largest_shift) == pytest.approx(np.abs(x - row.fixed_point.values).max())


def test_fixed_points_are_searched_for_on_request_only():
    complete = delay_state(FLIP_FLOP, TASK, 3, key=KEY)
    without = delay_state(FLIP_FLOP, TASK, 3, key=KEY, fixed_points=False)
    assert set(complete) - set(without) == {"fixed_point", "distance", "largest_shift", "converged"}
    assert without.equals(complete[list(without)])


@pytest.mark.slow
def test_inputs_during_the_delay_enter_the_equation():
    """Without connections the context input W_in ū is the only fixed point of x."""
    weights = np.random.default_rng(0).normal(size=(3, 4))
    silent = TaskNetwork(np.zeros((3, 3)), np.ones(3), np.full(3, -9.0), weights, np.ones((1, 3)))
    task = CTX()
    result = delay_state(silent, task, 1, key=KEY, internal_noise=False, window=(task.steps - 60, task.steps - 1))
    assert result.sizes["stimulus"] == len(task.conditions)
    np.testing.assert_allclose(result.state, result.fixed_point, atol=1e-4)
    assert np.abs(result.state).max() > 0.1


def test_dominant_units_of_a_flip_flop_keep_firing_after_their_stimulus():
    result = persistent_activity(FLIP_FLOP, TASK, [True, False], 3, key=KEY)
    late = result.rate.sel(time=slice(740, 750)).mean("time")
    np.testing.assert_allclose(late.sel(group="dominant"), [0.5, 0.0], atol=0.1)  # σ(0) after +1, σ(−10) after −1
    np.testing.assert_allclose(late.sel(group="non-dominant"), [0.0, 0.5], atol=0.1)
    delay = result.rate.isel(time=slice(100, 150)).mean("time")
    np.testing.assert_allclose(result.delay_rate, delay.transpose("stimulus", "group"))
    np.testing.assert_allclose(result.mean_delay_rate, delay.mean("stimulus"))
    assert result.units.values.tolist() == [1, 1]
    # the same trials as those of the delay state
    state = delay_state(FLIP_FLOP, TASK, 3, key=KEY, window=(149, 150))
    assert float(state.state.sel(stimulus=1)[0]) == pytest.approx(0.0, abs=0.3)


def test_an_empty_group_has_no_rate():
    result = persistent_activity(FLIP_FLOP, TASK, np.ones(2, bool), 3, key=KEY)
    assert result.rate.sel(group="non-dominant").isnull().all()
    assert result.rate.sel(group="dominant").notnull().all()
    with pytest.raises(InputError, match=r"dominant of shape \(3,\)"):
        persistent_activity(FLIP_FLOP, TASK, np.ones(3, bool), 3, key=KEY)


@pytest.mark.slow
def test_the_whole_analysis_runs_on_a_network_trained_by_the_original_program():
    """The counts are exact, those of the stored TensorFlow network. It takes about 10 s, most of it compilation."""
    network, task = load(REAL).network, GoNoGo()
    enumeration = connectivity(network)
    assert enumeration.connections.values.tolist() == [554, 530, 1508, 287]
    assert float(enumeration.leak_share) == 5 / 200
    state = delay_state(network, task, 10, key=KEY)
    assert state.conditions.values.tolist() == ["go", "no-go"]
    assert state.converged.all()
    assert (state.residual < 1).all()
    assert (state.residual > 0.01).all()  # it is a mean, not a fixed point
    result = modes(network, state.state)
    assert (result.largest < 0).all()  # stable
    for values in result.eigenvalue.sel(part="real").values + 1j * result.eigenvalue.sel(part="imaginary").values:
        leaks = np.abs(values[:, None] + 1000 / network.tau).min(1) < 1e-9
        assert leaks.sum() == 5
    assert (result.mean_ipr_left_top10 > 1 / 200).all()
    # no delay: the result names the window over which it is the mean
    assert (state.attrs["window"], state.attrs["window_ms"]) == ("response", [375.0, 995.0])
    dominant = dominant_units(result)
    assert dominant.attrs["kind"] == "all units"  # most connections are nonzero, and no entry of the vectors is zero
    assert dominant.values[enumeration.core.values].all()
    rates = persistent_activity(network, task, dominant, 10, key=KEY)
    assert 0 < float(rates.mean_delay_rate[0]) < 1
    top = result.sel(stimulus=1).isel(mode=slice(None, 2))
    disturbed = perturb(network, task, supports(top), 5.0, trials=20, ipr=top.ipr_left, key=KEY)
    assert float(disturbed.baseline) == 1.0
    assert (disturbed.accuracy < 1).all()
    assert (disturbed.pipr > disturbed.ipr_left).all()


def test_the_flow_is_followed_for_the_given_number_of_steps():
    """Euler steps of −x + 1 from 0 give 1 − (1 − h)ⁿ."""
    network = nz.RateNetwork([[0.0]], bias=1.0)
    for steps in (0, 1, 7):
        carried = _flow(network, jnp.zeros(1), jnp.asarray(0.0), None, jnp.asarray(0.1), jnp.asarray(steps))
        assert float(carried[0]) == pytest.approx(1 - 0.9**steps, abs=1e-15)

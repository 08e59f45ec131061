"""Recorded noise: the same path at any step, and refinement with the law of the noise."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

import noisette as nz
from noisette.noise import prepared, record
from noisette.simulation import _driver

KEY = jax.random.key(0)
FALSE_ALARM = 1e-6  # of each statistical test
B = np.array([[1.0, 0.5], [-2.0, 0.0], [0.3, 1.5]])
DT, STEPS = 0.1, 12
BROWNIAN = {
    "white": nz.White([0.5, 1.0, 3.0]),
    "common": nz.Common([1.0, 0.0, 2.0]),
    "sum": nz.White(1.0) + nz.Common(2.0),
    "channels": nz.Channels(B, nz.White(2.0)),
}
VALUED = {"ou": nz.OrnsteinUhlenbeck(2.0, tau=0.3), "frozen": nz.Frozen([1.0, 2.0, 0.0])}
OTHER = {"mixture": nz.White(1.0) + nz.OrnsteinUhlenbeck(), "gated": nz.Gated(nz.White(2.0), 0.25, 0.75)}


def drawn(law, size=3, **options):
    """Return a short record."""
    return record(law, size, duration=DT * STEPS, dt=DT, key=1, **options)


@eqx.filter_jit
def sampled(noise, size, times, dt):
    """Return the samples of a noise without state, one for each time."""
    return jax.lax.map(lambda t: noise.sample(noise.init(size, key=KEY), t, size, key=KEY, dt=dt)[0], times)


def increments(noise, dt, size=3, duration=DT * STEPS):
    """Return the samples in successive steps of dt."""
    times = dt * np.arange(round(duration / dt))
    return np.asarray(sampled(noise, size, jnp.asarray(times), jnp.asarray(dt)))


def summed(rows, number):
    """Return the sums of successive groups of rows."""
    return rows.reshape(-1, number, rows.shape[-1]).sum(1)


@pytest.mark.slow
@pytest.mark.parametrize("law", [*BROWNIAN.values(), *OTHER.values()], ids=[*BROWNIAN, *OTHER])
def test_steps_of_the_recorded_length_return_the_recorded_bits(law):
    recorded = drawn(law)
    assert np.array_equal(increments(recorded, DT), recorded.array())
    assert np.array_equal(increments(prepared(recorded, STEPS, DT), DT), recorded.array())


@pytest.mark.slow
@pytest.mark.parametrize("number", [2, 3, 12])
@pytest.mark.parametrize("law", [*BROWNIAN.values(), *OTHER.values()], ids=[*BROWNIAN, *OTHER])
def test_longer_steps_add_the_sum_of_the_increments(law, number):
    recorded = drawn(law)
    expected = summed(recorded.array(), number)
    assert increments(recorded, number * DT) == pytest.approx(expected, abs=1e-14)
    assert increments(prepared(recorded, STEPS // number, number * DT), number * DT) == pytest.approx(
        expected, abs=1e-14
    )


@pytest.mark.slow
@pytest.mark.parametrize("number", [2, 3, 8, 10])
@pytest.mark.parametrize("law", BROWNIAN.values(), ids=BROWNIAN)
def test_shorter_steps_add_up_to_the_recorded_increments(law, number):
    recorded = drawn(law)
    fine = increments(recorded, DT / number)
    assert summed(fine, number) == pytest.approx(recorded.array(), abs=1e-13)
    assert fine[:number, 0].std() > 0


def test_steps_that_do_not_divide_the_recorded_one_follow_the_same_path():
    recorded = drawn(nz.White(1.0))
    path = np.cumsum(increments(recorded, 0.04), axis=0)  # meets the recorded times at 0.2, 0.4, …
    assert path[4::5] == pytest.approx(np.cumsum(recorded.array(), axis=0)[1::2], abs=1e-13)


@pytest.mark.parametrize("law", [BROWNIAN["sum"], VALUED["ou"]], ids=["brownian", "ou"])
def test_samples_are_functions_of_the_time_alone(law):
    recorded = drawn(law)
    times = DT / 8 * np.arange(8 * STEPS)
    order = np.random.default_rng(0).permutation(len(times))
    shuffled = np.asarray(sampled(recorded, 3, jnp.asarray(times[order]), jnp.asarray(DT / 8)))
    assert np.array_equal(shuffled, increments(recorded, DT / 8)[order])


def covariance_test(samples, expected):
    """Return the p-value that samples of shape (n, N) have a covariance, known up to no parameter.

    The whitened samples are independent and standard normal, so that n times the mean square is χ² with n N degrees of
    freedom; the cross products of different whitened units have a standard error of 1/√n.
    """
    root = np.linalg.inv(np.linalg.cholesky(expected))
    white = samples @ root.T
    square = stats.chi2(white.size)
    total = float((white**2).sum())
    crossed = np.abs(np.corrcoef(white.T)[np.triu_indices(white.shape[1], 1)]) * np.sqrt(len(white))
    pairs = 2 * stats.norm.sf(crossed).min() * len(crossed)
    return min(2 * min(square.cdf(total), square.sf(total)), pairs)


@pytest.mark.slow
@pytest.mark.parametrize("number", [2, 4, 3])
def test_refined_increments_have_the_covariance_of_brownian_motion(number):
    """χ² and correlations at a false-alarm rate of 1e-6; successive increments are independent, too."""
    law, steps = nz.White([0.5, 1.0, 3.0]) + nz.Common(2.0), 4000
    fine = increments(record(law, 3, duration=steps, dt=1.0, key=2), 1.0 / number, duration=steps)
    expected = (np.diag([0.25, 1.0, 9.0]) + 4.0) / number
    assert covariance_test(fine, expected) > FALSE_ALARM
    pairs = fine.reshape(steps, -1)[:, : 2 * 3]  # the first two parts of each recorded step
    assert covariance_test(pairs, np.kron(np.eye(2), expected)) > FALSE_ALARM


def test_a_wrong_variance_of_the_bridges_would_be_noticed():
    fine = increments(record(nz.White(1.0), 3, duration=4000, dt=1.0, key=2), 0.5, duration=4000)
    halves = summed(fine, 2) / 2
    too_small = np.repeat(halves, 2, axis=0) + 0.9 * (fine - np.repeat(halves, 2, axis=0))
    assert covariance_test(too_small, np.eye(3) / 2) < FALSE_ALARM


@pytest.mark.slow
@pytest.mark.parametrize("number", [2, 4, 5])
def test_refined_values_have_the_autocovariance_of_the_process(number):
    tau, steps = 1.5, 4000
    recorded = record(nz.OrnsteinUhlenbeck(2.0, tau), 3, duration=steps, dt=1.0, key=3)
    values = increments(recorded, 1.0 / number, duration=steps) * number
    assert values[::number] == pytest.approx(recorded.array()[:-1], abs=1e-12)
    rho = np.exp(-1 / tau / number)
    innovations = (values[1:] - rho * values[:-1]) / (2 * np.sqrt(1 - rho**2))  # independent and standard normal
    assert covariance_test(innovations, np.eye(3)) > FALSE_ALARM
    assert covariance_test(np.hstack([innovations[:-1:2], innovations[1::2]]), np.eye(6)) > FALSE_ALARM


@pytest.mark.slow
def test_values_are_held_in_longer_steps_and_at_the_recorded_one():
    recorded = drawn(VALUED["ou"])
    values = recorded.array()
    assert len(values) == STEPS + 1
    assert increments(recorded, DT) == pytest.approx(values[:-1] * DT, rel=1e-15)
    assert increments(prepared(recorded, 6, 2 * DT), 2 * DT) == pytest.approx(DT * summed(values[:-1], 2), rel=1e-12)
    assert increments(recorded, 2 * DT) == pytest.approx(DT * summed(values[:-1], 2), rel=1e-12)
    still = drawn(VALUED["frozen"])
    assert increments(still, DT / 4) == pytest.approx(np.broadcast_to(still.array()[0] * DT / 4, (4 * STEPS, 3)))
    assert np.asarray(recorded.value((), 0.3, 3, dt=DT)) == pytest.approx(values[3])


def test_time_after_the_end_has_no_value():
    recorded = drawn(nz.White(1.0))
    for noise in (recorded, prepared(recorded, STEPS, DT)):
        after = np.asarray(sampled(noise, 3, jnp.asarray([(STEPS - 1) * DT, STEPS * DT, 9.0]), jnp.asarray(DT)))
        assert np.isfinite(after).all(1).tolist() == [True, False, False]


@pytest.mark.slow
def test_records_depend_on_key_trial_and_step_only():
    law = nz.OrnsteinUhlenbeck(1.0)
    long = record(law, 2, duration=20, key=5, trials=3)
    short = record(law, 2, duration=8, key=5, trials=2)
    assert np.array_equal(short.array(), long.array()[:2, :9])
    assert np.array_equal(record(law, 2, duration=20, key=5).array(), long.trial(0).array())
    fine = [increments(long.trial(i), 0.5, 2, 20) for i in (0, 1)]
    assert np.array_equal(increments(short.trial(1), 0.5, 2, 8), fine[1][:16])
    assert not np.isclose(*fine).any()
    assert long.nbytes == 8 * 3 * 21 * 2


@pytest.mark.slow
def test_composites_of_records_follow_the_same_paths():
    recorded, other = drawn(nz.White(1.0)), drawn(nz.OrnsteinUhlenbeck(1.0))
    channels = drawn(nz.White(1.0), 2)
    for dt in (DT, DT / 2):
        one, two = increments(recorded, dt), increments(other, dt)
        assert increments(recorded + other, dt) == pytest.approx(one + two)
        assert increments(-1 * recorded, dt) == pytest.approx(-one)
        assert increments([1.0, 2.0, 0.0] * recorded, dt) == pytest.approx(one * [1.0, 2.0, 0.0])
        assert increments(nz.Channels(B, channels), dt) == pytest.approx(increments(channels, dt, 2) @ B.T)
        gate = np.repeat((np.arange(STEPS) >= 5) & (np.arange(STEPS) < 10), round(DT / dt))
        assert increments(nz.Gated(recorded, 5 * DT, 10 * DT), dt) == pytest.approx(one * gate[:, None])


def decay(noise):
    """Return uncoupled units that decay."""
    return nz.RateNetwork(np.zeros((3, 3)), noise=noise)


@pytest.mark.slow
def test_all_runs_and_networks_of_a_simulation_receive_the_same_path():
    recorded = drawn(nz.White(1.0))
    data = nz.simulate([decay(recorded)] * 2, STEPS, dt=DT, start=0.0, key=0, runs=2, warn=False)
    assert (data.final == data.final[0, 0]).all()
    weights = 0.9 ** np.arange(STEPS)[::-1]
    assert data.final[0, 0].values == pytest.approx(weights @ recorded.array(), abs=1e-14)
    trials = drawn(nz.White(1.0), trials=2)
    several = nz.simulate([decay(trials.trial(i)) for i in (0, 1)], STEPS, dt=DT, start=0.0, key=0, warn=False)
    assert several.final[:, 0].values == pytest.approx(np.stack([weights @ rows for rows in trials.array()]), abs=1e-14)


@pytest.mark.slow
@pytest.mark.parametrize("dt", [DT, DT / 2])
def test_neither_chunks_nor_runs_nor_keys_change_a_bit(monkeypatch, dt):
    recorded = drawn(nz.White(1.0))
    run = lambda **options: nz.simulate(decay(recorded), duration=1.2, dt=dt, start=0.0, warn=False, **options)  # noqa: E731
    first = run(key=0).final[0].values
    monkeypatch.setattr(_driver, "FIRST_CHUNK", 5)
    assert np.array_equal(first, run(key=0).final[0].values)
    assert all(np.array_equal(first, last) for last in run(key=7, runs=3).final.values)


def test_networks_in_discrete_time_replay_records_per_step():
    recorded = record(nz.White(2.0), 3, duration=30, key=4)
    field = nz.networks.Map(lambda x: 0 * x, 3, noise=recorded)
    assert np.array_equal(nz.simulate(field, 30, key=0, start=0.0).final[0].values, recorded.array()[-1])
    assert np.array_equal(nz.simulate(field, 20, key=0, start=0.0).final[0].values, recorded.array()[19])
    sign = nz.SignNetwork(np.zeros((3, 3)), noise=recorded)
    assert np.array_equal(nz.simulate(sign, 30, key=0, start=0).final[0].values, np.sign(recorded.array()[-1]))


@pytest.mark.slow
def test_derivatives_pass_through_recorded_noise():
    recorded = drawn(nz.White(1.0))
    exponents = nz.simulate(decay(recorded), duration=1.2, dt=DT / 2, probes=nz.Lyapunov(), key=0, warn=False).lyapunov
    assert exponents.values.ravel()[0] == pytest.approx(np.log(0.95) / 0.05)
    end = lambda x: (x * recorded.sample((), 0.05, 3, key=KEY, dt=0.05)[0]).sum()  # noqa: E731
    assert np.isfinite(jax.jit(jax.grad(end))(jnp.ones(3))).all()


@pytest.mark.slow
def test_automatic_steps_know_the_law_of_a_record():
    slow, fast = (nz.OrnsteinUhlenbeck(1.0, tau) for tau in (10.0, 0.04))
    steps = [
        nz.simulate(decay(record(law, 3, duration=1, dt=0.01, key=0)), duration=1, key=0, warn=False)
        for law in (slow, fast)
    ]
    used = [len(nz.simulate(decay(law), duration=1, key=0, warn=False, probes=nz.Trace()).time) for law in (slow, fast)]
    assert used[0] < used[1]
    assert [data.attrs["configuration"].partition('"dt": ')[2].partition(",")[0] for data in steps] == ["0.02", "0.01"]

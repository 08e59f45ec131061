"""Laws of the kinds of noise: moments, autocovariance at any dt, distributions, independence, configuration.

Sample means are compared with their values within 5 standard errors estimated from the sample, a false-alarm rate of
6e-7 per comparison; all seeds are fixed.
"""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

import noisette as nz
from noisette.errors import InputError
from noisette.noise import (
    BandLimited,
    Channels,
    Gated,
    Independent,
    OrnsteinUhlenbeck,
    PowerLaw,
    SampleAndHold,
    Shot,
    Stable,
    Telegraph,
    White,
)
from noisette.noise._distributions import poisson_numbers

KEYS = jax.random.split(jax.random.key(3), 8)
MANY = 100_000
ERRORS = 5


def rademacher(key, shape):
    return jax.random.rademacher(key, shape, float)


def exponential(tau):
    return lambda lag: np.exp(-lag / tau)


POWER_LAW = PowerLaw(1.5, 1.2, 0.1, 50.0)
# noises with values: noise, variance, normalised autocovariance
STATIONARY = {
    "telegraph": (Telegraph(2.0, 3.0), 4.0, exponential(3.0)),
    "slow jumps": (Telegraph.from_rate(0.5, 0.25), 0.25, exponential(2.0)),
    "shot": (Shot(2.0, 0.5, 0.7), 2.0 * 0.25 / 1.4, exponential(0.7)),
    "negative pulses": (Shot(0.3, -2.0, 2.0), 0.3 * 4.0 / 4.0, exponential(2.0)),
    "held": (SampleAndHold(2.0, 0.5, "random"), 4.0, lambda lag: max(0.0, 1 - lag / 0.5)),
    "band": (BandLimited(1.5, 0.5, 2.0), 2.25, lambda lag: np.exp(-lag / 2) * np.cos(np.pi * lag)),
    "power law": (
        PowerLaw(1.5, 1.2, 0.1, 50.0),
        2.25,
        lambda lag: PowerLaw(1.0, 1.2, 0.1, 50.0).spectrum().autocovariance(lag),
    ),
}
# noises without values: noise, variance per unit of time
INCREMENTS = {
    "pulses": (Shot(2.0, 0.5), 0.5),
    "uniform": (Independent("uniform", 2.0), 4.0),
    "laplace": (Independent("laplace", 2.0), 4.0),
    "student": (Independent("student", 2.0, 6.0), 4.0),
    "own": (Independent(rademacher, 0.5), 0.25),
    "gaussian stable": (Stable(2.0, 1.5), 4.5),
}
KINDS = {name: row[0] for name, row in (STATIONARY | INCREMENTS).items()} | {"stable": Stable(1.5, 0.3)}


def assert_mean(values, expected):
    """Compare the mean of independent values with its expectation."""
    values = np.asarray(values)
    assert abs(values.mean() - expected) < ERRORS * values.std() / np.sqrt(len(values)) + 1e-12


@pytest.mark.slow
@pytest.mark.parametrize("name", STATIONARY)
@pytest.mark.parametrize("lag", [0.05, 0.8])
def test_noise_with_values_is_stationary_with_its_autocovariance_at_any_dt(name, lag):
    noise, variance, autocovariance = STATIONARY[name]
    step = jax.jit(lambda state, time, key, dt: noise.sample(state, time, MANY, key=key, dt=dt))
    value = lambda state: np.asarray(noise.value(state, 0.0, MANY))  # noqa: E731
    first = noise.init(MANY, key=KEYS[0])
    added, whole = step(first, 0.0, KEYS[1], lag)
    _, middle = step(first, 0.0, KEYS[2], lag / 2)
    _, halves = step(middle, lag / 2, KEYS[3], lag / 2)
    assert np.asarray(added) == pytest.approx(lag * value(first))
    for state in (first, whole, halves):
        assert_mean(value(state), 0.0)
        assert_mean(value(state) ** 2, variance)
    for state in (whole, halves):
        assert_mean(value(first) * value(state), variance * autocovariance(lag))
    assert_mean(value(first) * value(middle), variance * autocovariance(lag / 2))


@pytest.mark.parametrize("name", INCREMENTS)
def test_variances_of_increments_grow_as_dt(name):
    noise, intensity = INCREMENTS[name]
    state = noise.init(MANY, key=KEYS[0])
    draw = jax.jit(lambda key, dt: noise.sample(state, 0.0, MANY, key=key, dt=dt)[0])
    halves = np.asarray(draw(KEYS[1], 0.1) + draw(KEYS[2], 0.1))
    for values in (np.asarray(draw(KEYS[3], 0.2)), halves):
        assert_mean(values, 0.0)
        assert_mean(values**2, 0.2 * intensity)
    with pytest.raises(InputError, match="noise has no values"):
        noise.value(state, 0.0, MANY)


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_units_steps_and_keys_are_independent(name):
    noise = KINDS[name]
    step = jax.jit(lambda state, key: noise.sample(state, 0.0, MANY, key=key, dt=100.0))
    start = noise.init(MANY, key=KEYS[0])
    first, state = step(start, KEYS[1])
    second, _ = step(state, KEYS[2])  # 100 time units later
    other, _ = step(noise.init(MANY, key=KEYS[4]), KEYS[5])
    first, second, other = (np.sign(np.asarray(values)) for values in (first, second, other))
    for a, b in ((first[1:], first[:-1]), (second[1:], second[:-1]), (first, other)):
        assert_mean((a - a.mean()) * (b - b.mean()), 0.0)
    if name != "power law":  # its longest correlation time is not short compared with 100
        assert_mean((first - first.mean()) * (second - second.mean()), 0.0)
    again, _ = step(start, KEYS[1])
    assert (np.sign(np.asarray(again)) == first).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_scaling_scales_every_sample(name):
    noise = KINDS[name]
    drawn = [np.asarray(n.sample(n.init(50, key=KEYS[0]), 0.0, 50, key=KEYS[1], dt=0.3)[0]) for n in (noise, 3 * noise)]
    assert drawn[1] == pytest.approx(3 * drawn[0], rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_results_record_the_noise_and_can_be_repeated(name):
    network = nz.RateNetwork(np.zeros((3, 3)), noise=KINDS[name])
    result = nz.simulate(network, duration=0.4, dt=0.1, start=0.0, key=1)
    assert type(KINDS[name]).__name__ in result.attrs["configuration"]
    given = {"distribution": rademacher} if name == "own" else {}
    again = nz.rerun(result, **given)
    assert (again.final.values == result.final.values).all()
    trials = nz.simulate(network, duration=0.4, dt=0.1, start=0.0, key=1, runs=3).final.values
    assert len(np.unique(trials)) > 3 or name in ("telegraph", "slow jumps", "own", "pulses")


def draw(noise, number=MANY, dt=1.0):
    return np.asarray(noise.sample((), 0.0, number, key=KEYS[6], dt=dt)[0])


@pytest.mark.parametrize(
    ("noise", "law"),
    [
        (Independent("uniform"), stats.uniform(-np.sqrt(3), 2 * np.sqrt(3))),
        (Independent("laplace"), stats.laplace(0, np.sqrt(0.5))),
        (Independent("student", 1.0, 4.0), stats.t(4, 0, np.sqrt(0.5))),
        (Stable(1.0, 0.5), stats.cauchy(0, 0.5)),
        (Stable(2.0, 0.5), stats.norm(0, np.sqrt(0.5))),
    ],
)
def test_distributions(noise, law):
    # Kolmogorov–Smirnov, false-alarm rate 1e-6
    assert stats.kstest(draw(noise), law.cdf).pvalue > 1e-6


@pytest.mark.parametrize("alpha", [0.5, 1.0, 1.3, 1.9, 2.0])
def test_stable_noise_has_its_characteristic_function_at_any_dt(alpha):
    noise = Stable(alpha, 0.7)
    step = lambda key, dt: np.asarray(noise.sample((), 0.0, MANY, key=key, dt=dt)[0])  # noqa: E731
    for values in (step(KEYS[0], 0.3), step(KEYS[1], 0.15) + step(KEYS[2], 0.15)):
        for k in (0.5, 1.0, 4.0):
            assert_mean(np.cos(k * values), np.exp(-0.3 * (0.7 * k) ** alpha))
            assert_mean(np.sin(k * values), 0.0)


@pytest.mark.slow
def test_tails_of_stable_noise_are_those_of_its_exponent():
    # P(|x| > y) = c^α 2 Γ(α) sin(πα/2)/π y^(−α) for large y; 10⁶ numbers, relative corrections of order y^(−α)
    from scipy.special import gamma

    alpha, far = 1.5, 300.0
    share = 2 * gamma(alpha) * np.sin(np.pi * alpha / 2) / np.pi * far**-alpha
    beyond = np.abs(draw(Stable(alpha), 1_000_000)) > far
    assert_mean(beyond.astype(float), share)


@pytest.mark.slow
@pytest.mark.parametrize("mean", [0.0, 0.3, 5.0, 2000.0])
def test_poisson_numbers(mean):
    numbers = np.asarray(poisson_numbers(KEYS[0], (MANY,), jnp.asarray(mean)))
    if mean == 0:
        assert (numbers == 0).all()
        return
    edges = np.unique(stats.poisson.ppf(np.linspace(0.02, 0.98, 25), mean))
    counts = np.bincount(np.searchsorted(edges, numbers), minlength=len(edges) + 1)
    expected = np.diff([0.0, *stats.poisson.cdf(edges, mean), 1.0]) * MANY
    assert stats.chisquare(counts[expected > 0], expected[expected > 0]).pvalue > 1e-6
    each = poisson_numbers(KEYS[1], (MANY,), jnp.where(jnp.arange(MANY) % 2 == 0, mean, 2 * mean))
    assert_mean(np.asarray(each)[1::2], 2 * mean)


@pytest.mark.slow
def test_cumulants_of_shot_noise_are_those_of_campbell():
    """κ_m = λ aᵐ/(m τ^(m−1)), at the start and after a step, with standard errors from 200 groups of units."""
    rate, a, tau = 1.5, 0.8, 0.6
    noise = Shot(rate, a, tau)
    state = noise.init(400_000, key=KEYS[0])
    for after in (state, noise.sample(state, 0.0, 400_000, key=KEYS[1], dt=0.5)[1]):
        groups = np.asarray(noise.value(after, 0.0, 400_000)).reshape(200, -1)
        moments = [(groups**m).mean(1) for m in (2, 3, 4)]
        cumulants = moments[0], moments[1], moments[2] - 3 * groups.var() ** 2
        for m, cumulant in zip((2, 3, 4), cumulants, strict=True):
            assert_mean(cumulant, rate * a**m / (m * tau ** (m - 1)))


def test_pulses_are_whole():
    added = draw(Shot([2.0, 0.0, 5.0], [0.5, 1.0, -0.25]), 3, dt=0.4)
    pulses = (added + np.array([0.4, 0.0, -0.5])) / np.array([0.5, 1.0, -0.25])
    assert pulses == pytest.approx(np.round(pulses), abs=1e-12)


def test_held_values_change_at_the_multiples_of_their_time():
    noise = SampleAndHold([1.0, 2.0, 3.0], every=0.3)
    state, path = noise.init(3, key=KEYS[0]), []
    for n in range(12):
        path.append(np.asarray(noise.value(state, 0.1 * n, 3)))
        _, state = noise.sample(state, 0.1 * n, 3, key=jax.random.fold_in(KEYS[1], n), dt=0.1)
    changes = [n for n in range(1, 12) if (path[n] != path[n - 1]).any()]
    assert changes == [3, 6, 9]
    step = SampleAndHold(2.0, every=0.05)
    values, _ = step.init(MANY, key=KEYS[0])
    added, after = step.sample((values, jnp.zeros(())), 0.1, MANY, key=KEYS[1], dt=0.05)
    assert_mean((np.asarray(added) / 0.05) ** 2, 4.0)
    assert_mean(np.asarray(after[0] * values), 0.0)


@pytest.mark.slow
def test_steps_are_short_compared_with_the_correlation_time():
    for noise in (
        Telegraph(1.0, 0.02),
        2.0 * Channels(np.eye(1), Gated(SampleAndHold(1.0, 0.02), 0.0, 1.0)) + White(1.0),
    ):
        result = nz.simulate(nz.RateNetwork([[0.0]], noise=noise), duration=0.1, key=0)
        assert json.loads(result.attrs["configuration"])["dt"] <= 0.005 + 1e-12
    assert PowerLaw(1.0, 1.0, 0.1, 10.0).correlation_time == pytest.approx(0.1 * 10**0.25)
    assert BandLimited(1.0, 2.0, 5.0).correlation_time == pytest.approx(1 / (4 * np.pi))
    assert Shot(1.0, 1.0).correlation_time == np.inf


def test_infinite_variance_is_stated():
    network = nz.RateNetwork([[0.0]], noise=Stable(1.5, 0.1) + White(0.1))
    assert not network.noise.has_variance
    result = nz.simulate(network, duration=1.0, key=0)
    assert np.isnan(result.variance_bias)
    assert "no variance" in result.variance_bias.attrs["long_name"]
    with pytest.raises(InputError, match=r"step_audit .* infinite variance"):
        nz.step_audit(network, 0.01, key=0, duration=1.0)
    assert Stable(2.0).has_variance


@pytest.mark.parametrize(
    ("noise", "reason"),
    [
        (
            Telegraph(),
            "two values; mean-field theory needs a stationary Gaussian process; OrnsteinUhlenbeck has the same",
        ),
        (Shot(), r"cumulants of all orders; .*Gaussian.*White\(a √λ\)"),
        (Shot(1.0, 1.0, 2.0), "cumulants of all orders; .*OrnsteinUhlenbeck"),
        (SampleAndHold(), "changes at times that all units share"),
        (Independent("laplace"), "Independent noise of laplace; .*Gaussian"),
        (Stable(1.5), r"Stable noise of alpha 1\.5, which has no variance"),
    ],
)
def test_mean_field_theory_refuses_noise_that_is_not_gaussian(noise, reason):
    with pytest.raises(InputError, match=reason):
        nz.theory.mean_field(nz.activations.tanh, 0.5, noise)
    with pytest.raises(InputError):
        noise.step_law(3, 0)


def test_gaussian_stable_noise_enters_theory():
    noises = White(2**0.5), Stable(2.0)
    white, stable = (float(nz.theory.mean_field(nz.activations.tanh, 0.5, noise).variance) for noise in noises)
    assert stable == pytest.approx(white, rel=1e-12)


def test_parts_of_noises():
    mixed = White(2.0) + OrnsteinUhlenbeck(1.0, 3.0)
    assert mixed.white_part(2)[0].tolist() == [2.0, 2.0]
    assert not mixed.has_values
    assert Channels([[1.0, 2.0]], mixed).white_part(1)[1].tolist() == [[2.0], [4.0]]
    gated = Gated(OrnsteinUhlenbeck(), 0.0, 1.0)
    assert gated.has_values
    assert gated.white_part(2)[0].tolist() == [0.0, 0.0]
    with pytest.raises(InputError, match="white noise gated in time"):
        Gated(mixed, 0.0, 1.0).white_part(2)
    scaled = np.array([1.0, 10.0]) * Channels([[1.0, 2.0, 0.0], [0.0, 1.0, 1.0]])
    assert scaled.weights.tolist() == [[1.0, 2.0, 0.0], [0.0, 10.0, 10.0]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Telegraph(1.0, 0.0), "correlation time 0.*above zero"),
        (lambda: Telegraph.from_rate(1.0, 0.0), "rate of jumps"),
        (lambda: Shot(-1.0), "rate of pulses -1"),
        (lambda: Shot(1.0, [[1.0]]), r"amplitudes of shape \(1, 1\)"),
        (lambda: Shot(1.0, 1.0, -1.0), "time constant of pulses -1"),
        (lambda: Shot(1e6, 1.0, 1.0), r"1e\+06 pulses in a time constant; at most 10000; use OrnsteinUhlenbeck"),
        (lambda: SampleAndHold(1.0, 0.0), "time for which a value is held"),
        (lambda: SampleAndHold(1.0, 1.0, "none"), "phase"),
        (lambda: Independent("gauss"), "distribution"),
        (lambda: Independent("student"), "'student' without degrees of freedom"),
        (lambda: Independent("uniform", 1.0, 3.0), "'uniform' with degrees of freedom"),
        (lambda: Independent("student", 1.0, 2.0), "degrees of freedom.*above 2"),
        (lambda: Independent(jax.random.uniform), r"mean 0\.498 and variance 0\.0834 in a trial"),
        (lambda: Independent(jax.random.cauchy), "variance .* use Stable"),
        (lambda: Independent(lambda key, shape: jnp.zeros(2)), r"distribution <lambda>.*shape"),
        (lambda: Stable(2.5), "alpha"),
        (lambda: PowerLaw(1.0, 2.0), "exponent"),
        (lambda: PowerLaw(1.0, 1.0, 2.0, 1.0), "ascending times"),
        (lambda: BandLimited(1.0, -1.0), "frequency -1"),
        (lambda: BandLimited(1.0, [1.0, 2.0]), r"frequency of shape \(2,\)"),
    ],
)
def test_invalid_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()

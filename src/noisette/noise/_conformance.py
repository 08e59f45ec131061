"""Public entry point: `conformance`, tests of the noise of another program."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import InputError, integer, real_number, require
from noisette.keys import KeyLike, as_seed
from noisette.limits import require_memory
from noisette.noise import _conformance_tests as tests
from noisette.noise._conformance_tests import NOT_APPLICABLE, Row, Trial
from noisette.noise._foreign import Simulator
from noisette.noise.channels import Channels
from noisette.noise.conventions import from_convention
from noisette.noise.white import White
from noisette.p_values import holm_adjusted
from noisette.provenance import provenance

Integrator = Literal["euler", "heun", "exponential", "exact", "held"]
TRANSIENT = 10  # time constants that are discarded
DURATION = 400  # time constants of a trial, after the transient
SHORTEST = 5  # time constants of a block, over which the standard errors are computed
OF_INPUTS = ("neurogym", "cogtask")  # conventions in which the noise is one of inputs, through a matrix
SEEDS = 2**31 - 4  # some programs accept seeds below 2^31 only
GENERAL = ("ito", "stationary", "step", "nest-rate", "freeze-chaos", "nest")  # one convention of each formula
FAR = 3.3  # standard errors: a convention agrees with a measured variance within this distance


def leaky_law(integrator: Integrator, alpha: float) -> tuple[float, float]:
    """Return the decay of a leaky unit in a step, and the variance of its noise relative to σ² dt.

    Parameters
    ----------
    integrator : Euler; Heun; exponential Euler, with an exact decay; exact for white noise; or exact for noise that is
        constant during a step
    alpha : step in time constants, dt/τ

    Examples
    --------
    >>> leaky_law("euler", 0.1)
    (0.9, 1.0)
    """
    if integrator == "euler":
        return 1 - alpha, 1.0
    if integrator == "heun":
        return 1 - alpha + alpha**2 / 2, (1 - alpha / 2) ** 2
    if integrator == "exponential":
        return float(np.exp(-alpha)), 1.0
    if integrator == "exact":
        return float(np.exp(-alpha)), float(-np.expm1(-2 * alpha) / (2 * alpha))
    return float(np.exp(-alpha)), float((np.expm1(-alpha) / alpha) ** 2)


@check_arguments
@public_call
def conformance(
    step: Callable[..., Any],
    sigma: ArrayLike,
    *,
    tau: ArrayLike,
    dt: ArrayLike,
    convention: str = "ito",
    integrator: Integrator = "euler",
    capacitance: ArrayLike | None = None,
    gaussian: bool = True,
    units: int = 16,
    duration: ArrayLike | None = None,
    level: float = 0.01,
    key: KeyLike = 0,
) -> xr.Dataset:
    """Test whether the noise of another program is what its σ claims, on isolated leaky units.

    .. math:: x(t + dt) = a\\, x(t) + \\sqrt{q}\\, \\xi, \\qquad q = f \\sigma^2 dt, \\qquad
       \\langle x^2 \\rangle = q/(1 - a^2)

    σ is the Itô intensity that corresponds to the strength in the `convention`, see `from_convention`; a and f follow
    from the integrator, with a = 1 − dt/τ and f = 1 for Euler. Three trials are simulated: two with consecutive seeds
    and the step dt, and one with dt/2. The tests are

    - ``mean`` and ``variance`` of the state,
    - ``step variance``: q, where the noise is the residual of the regression on the state before,
    - ``autocorrelation dt`` and ``autocorrelation tau``: the autocovariance relative to the variance,
    - ``dt/2``: the ratio of the variances of the noise per unit time,
    - ``independent units`` and ``independent trials``: the mean squared correlation, about 1/T for T steps,
    - ``independent steps``: the most significant autocorrelation of the noise at 1 to 10 steps,
    - ``distribution``: the Anderson–Darling statistic of normality, mean over units.

    p values are corrected for the number of tests by Holm's method, so that a correct program fails any test with a
    probability of at most `level`. Standard errors remain valid if units share their noise.

    Parameters
    ----------
    step : ``step(x, dt, rng)`` with a generator of NumPy, or ``step(x, dt, key)`` with a key of JAX, which return the
        next states of all units, shape (units,); or ``simulate(duration, dt, seed, units)``, which returns the states
        after each step, shape (time, units), with or without the initial state. Parameters have these names. The state
        at rest is 0. Without ``dt``, `dt` is the fixed step of the program
    sigma : claimed strength, in the convention
    tau : claimed time constant of the units
    dt : time step, in the same unit as `tau`
    convention : name in ``CONVENTIONS``: "ito", "stationary", "step", or a program; a matrix of inputs is 1 per unit
    integrator : "euler", "heun", "exponential" (Euler's noise and exact decay), "exact" (for white noise), or "held"
        (exact for noise that is constant during a step)
    capacitance : membrane capacitance, if the noise is a current
    gaussian : whether the noise is claimed to be normal
    units : number of units
    duration : duration of a trial after a transient of 10 τ; 400 τ by default, at least 200 τ
    level : probability of a false alarm in any of the tests
    key : integer or JAX key

    Returns
    -------
    Dataset over ``test``: ``expected``, ``measured``, ``se``, ``z``, ``p``, ``p_adjusted`` and ``verdict`` ("pass",
    "fail" or "not applicable"). Attributes: ``failed``, the number of failed tests; ``level``; and ``agrees_with``, the
    conventions of σ that agree with the measured step variance

    Raises
    ------
    InputError : a function of another form, states that are not finite or of another shape, or an invalid claim.

    See Also
    --------
    noise.from_convention : Noise from the σ of another program.

    Examples
    --------
    >>> def step(x, dt, rng):  # noise dt instead of √dt
    ...     return x - x * dt / 10 + 0.5 * dt * rng.standard_normal(x.shape)
    >>> table = conformance(step, 0.5, tau=10.0, dt=0.5)
    >>> table.test.values[table.verdict == "fail"].tolist()
    ['variance', 'step variance', 'dt/2']
    >>> round(float(table.measured.sel(test="dt/2")), 1)
    0.5
    """
    simulator = Simulator(step)
    sigma = real_number(sigma, "sigma", "a strength above zero, whose noise can be tested", lambda s: 0 < s < np.inf)
    tau = real_number(tau, "tau", "a time above zero", lambda t: 0 < t < np.inf)
    dt = real_number(dt, "dt", "a time above zero and at most tau", lambda t: 0 < t <= tau)
    duration = DURATION * tau if duration is None else duration
    shortest = SHORTEST * tests.BLOCKS * tau
    duration = real_number(duration, "duration", f"at least 200 tau, {shortest:g}", lambda t: shortest <= t < np.inf)
    units = integer(units, "units")
    require(0 < level < 1, f"level {level:g}", "a probability between 0 and 1")
    values = 8.0 * units * (duration + TRANSIENT * tau) / dt
    require_memory(values, f"states of {units} units in steps of {dt:g} for {duration:g}", "give a shorter duration")
    strength = _intensity(convention, sigma, tau, dt, capacitance)
    seed = as_seed(key) % SEEDS
    trials = [_trial(simulator, duration, tau, dt, seed + i, units) for i in range(2)]
    fine = _trial(simulator, duration, tau, dt / 2, seed + 2, units) if simulator.takes_dt else None
    rows = _rows(trials, fine, strength, tau, dt, integrator, gaussian)
    agrees = _agreeing(trials[0], sigma, tau, dt, integrator, capacitance)
    return _table(rows, level, agrees, {"sigma_ito": strength})


def _intensity(convention: str, sigma: ArrayLike, tau: float, dt: float, capacitance: ArrayLike | None) -> float:
    """Return the Itô intensity σ of a claim."""
    weights = [[1.0]] if convention.lower() in OF_INPUTS else None
    noise = from_convention(convention, sigma, tau=tau, dt=dt, capacitance=capacitance, weights=weights)
    white = noise.noise if isinstance(noise, Channels) else noise
    assert isinstance(white, White)  # the other convention with a matrix is refused without one
    return float(white.strength)


def _trial(simulator: Simulator, duration: float, tau: float, dt: float, seed: int, units: int) -> Trial:
    """Return the states after the transient."""
    discarded, steps = round(TRANSIENT * tau / dt), round(duration / dt)
    return Trial(simulator.run(discarded + steps, dt, seed, units)[discarded:])


def _rows(
    trials: list[Trial],
    fine: Trial | None,
    strength: float,
    tau: float,
    dt: float,
    integrator: Integrator,
    gaussian: bool,
) -> dict[str, Row]:
    """Return the results of all tests."""
    first, second = trials
    decay, factor = leaky_law(integrator, dt / tau)
    per_step = factor * strength**2 * dt
    lag = round(tau / dt)
    halved = leaky_law(integrator, dt / 2 / tau)[1] / factor / 2
    return {
        "mean": tests.mean(first),
        "variance": tests.variance(first, per_step / (1 - decay**2)),
        "step variance": tests.of_value(per_step, *first.step_variance),
        "autocorrelation dt": tests.autocorrelation(first, 1, decay),
        "autocorrelation tau": tests.autocorrelation(first, lag, decay**lag),
        "dt/2": tests.halving(first, fine, halved) if fine is not None else NOT_APPLICABLE,
        "independent units": tests.unit_independence(first) if first.x.shape[1] > 1 else NOT_APPLICABLE,
        "independent steps": tests.step_independence(first),
        "independent trials": tests.trial_independence(first, second),
        "distribution": tests.normality(first) if gaussian else NOT_APPLICABLE,
    }


def _agreeing(
    trial: Trial, sigma: ArrayLike, tau: float, dt: float, integrator: Integrator, capacitance: ArrayLike | None
) -> list[str]:
    """Return the conventions in which the strength agrees with the measured variance in a step."""
    measured, se = trial.step_variance
    names = []
    for name in GENERAL:
        try:
            strength = _intensity(name, sigma, tau, dt, capacitance)
        except InputError:  # a capacitance is needed, or is not
            continue
        expected = leaky_law(integrator, dt / tau)[1] * strength**2 * dt
        if abs(measured - expected) <= FAR * se:
            names.append(name)
    return names


def _table(rows: dict[str, Row], level: float, agrees: list[str], claim: dict[str, float]) -> xr.Dataset:
    """Return the table with p values corrected for the number of tests that apply."""
    raw = np.array([row.p for row in rows.values()])
    applies = ~np.isnan(raw)
    adjusted = np.full(len(raw), np.nan)
    adjusted[applies] = holm_adjusted(raw[applies])
    verdicts = np.where(applies, np.where(adjusted < level, "fail", "pass"), "not applicable")
    columns = {
        **{name: [getattr(row, name) for row in rows.values()] for name in ("expected", "measured", "se")},
        "z": [tests.z_of(row) for row in rows.values()],
        "p": raw,
        "p_adjusted": adjusted,
        "verdict": verdicts,
    }
    description = {
        "failed": int((verdicts == "fail").sum()),
        "level": level,
        "correction": "Holm",
        "agrees_with": ", ".join(agrees),
        **claim,
    }
    data = xr.Dataset({name: ("test", values) for name, values in columns.items()}, {"test": [*rows]})
    return data.assign_attrs(provenance("simulated", "stationary", (), {}, **description))

"""The motion of one unit of a large random network: its second moment at two times."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float
from scipy.fft import next_fast_len
from scipy.optimize import brentq

from noisette.activations import Activation
from noisette.errors import InputError, require
from noisette.theory import _onesite, _orbit
from noisette.theory._drive import Drive
from noisette.theory.motion._level import level, static_variance
from noisette.theory.motion._panels import Panels, panels
from noisette.theory.motion._ring import Ring
from noisette.theory.motion._solve import Moment, Problem, solve
from noisette.theory.motion._unit import FINAL_TERMS, Series, Unit, unit

LOW, HIGH, HIGHEST = -10, 13, 25  # powers of two of the shortest and longest lags
FORGOTTEN = 1e-9  # of c(0), at the last lags
MOST_STEPS = 2**21
TRIED = "iteration and Newton's method"
MEANS, TERMS = 32, 512  # of averages over units' means, and of their Hermite series


@dataclass(frozen=True, eq=False)
class Motion:
    """Δ(τ) = ⟨x(t) x(t+τ)⟩ = constant + decaying(τ) of a unit, over networks and noise.

    Attributes
    ----------
    unit, gain, drive : the activation, g, and the noise
    grid : the lags
    variance : v = Δ(0), the second moment at one time
    constant : what never decays, of frozen noise and of the mean
    mean_square : ⟨⟨x⟩²⟩, of the mean over noise and time of each unit; zero for odd activations
    path : the orbit that c(τ) follows in continuous time, if no noise is coloured
    solved : c(τ) at the grid's lags, if there is no orbit; neither at a fixed point
    """

    unit: Unit
    gain: float
    drive: Drive
    grid: Panels | Ring
    variance: float
    constant: float
    mean_square: float = 0.0
    path: _orbit.Orbit | None = None
    solved: Float[np.ndarray, " lags"] | None = None

    @cached_property
    def decaying(self) -> np.ndarray:
        """Return c(τ) at the grid's lags."""
        if self.solved is not None:
            return self.solved
        found = np.zeros_like(self.grid.lags)
        if self.path is not None:
            felt = self.grid.lags < 45 / self.path.end
            found[felt] = (self.variance - self.constant) * _orbit.correlation(self.path, self.grid.lags[felt])
        return found

    @property
    def step(self) -> float | None:
        """Return dt of the simulation described, None in continuous time."""
        return self.grid.step

    @property
    def silent(self) -> bool:
        """Whether x = 0 at all times."""
        return self.variance == 0

    @property
    def fluctuating(self) -> bool:
        """Whether anything differs between times or trials: only this has a covariance."""
        return self.variance - self.mean_square > 1e-13 * self.variance

    @property
    def static(self) -> bool:
        """Whether x is a fixed point."""
        return self.path is None and self.solved is None

    @cached_property
    def series(self) -> Series:
        """Return the Hermite series of φ at the variance v."""
        return self.unit.series(self.variance, most=FINAL_TERMS)

    @property
    def rate_square(self) -> float:
        """Return ⟨φ²⟩."""
        return self.unit.square(self.variance) if not self.silent else 0.0

    def rates(self, current: np.ndarray | float) -> np.ndarray:
        """Return ⟨φ φ'⟩ where ⟨x x'⟩ = `current`."""
        if self.silent:
            return np.zeros_like(np.asarray(current, float))
        return self.series(np.clip(np.asarray(current, float) / self.variance, -1.0, 1.0))

    def slopes(self, current: np.ndarray | float) -> np.ndarray:
        """Return ⟨φ' φ''⟩, of slopes at both times, where ⟨x x'⟩ = `current`."""
        rho = np.clip(np.asarray(current, float) / self.variance, -1.0, 1.0)
        return np.asarray(self.series.by_rho(rho) / self.variance)

    @cached_property
    def susceptibility(self) -> float:
        """Return χ = g² ⟨φ'²⟩."""
        return self.gain**2 * self.unit.slope_square(max(self.variance, 1e-16))

    @cached_property
    def effective_gain(self) -> float:
        """Return g times the root mean square of a unit's own mean slope."""
        if self.silent:
            return float(np.sqrt(self.susceptibility))
        return self.gain * float(np.sqrt(self.slopes(self.mean_square)))

    @cached_property
    def rates_by_mean(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the autocovariance of φ(x) for several means of x, at all lags and in the limit, and their weights."""
        m, v = self.mean_square, self.variance
        currents = np.append(self.constant + self.decaying, self.constant) - m
        if m == 0:
            return np.ones(1), self.rates(currents)[None] - float(self.rates(0.0))
        z, weights = np.polynomial.hermite_e.hermegauss(MEANS)
        if not self.fluctuating:
            return weights / weights.sum(), np.zeros((MEANS, len(currents)))
        rho = np.clip(currents / (v - m), -1.0, 1.0)
        rows = [self.unit.series(v - m, float(np.sqrt(m) * place), TERMS) for place in z]
        return weights / weights.sum(), np.array([row(rho) - float(row(0.0)) for row in rows])

    def current_at(self, lags: np.ndarray) -> np.ndarray:
        """Return Δ at other lags."""
        return self.constant + self.grid.at(self.decaying, lags)

    @property
    def drift(self) -> float:
        """Return ⟨f²⟩ of f = −x + g J φ(x), the velocity without noise."""
        if (
            isinstance(self.grid, Ring) and not self.static
        ):  # ⟨x g J φ⟩ by the response d (1 − d)^(k−1) to what was k steps ago
            d = self.grid.step
            heard = self.gain**2 * self.rates(self.constant + self.decaying)
            ago = np.arange(self.grid.count)
            settled = self.gain**2 * float(self.rates(self.constant))
            shared = settled + float(d * (1 - d) ** ago @ (heard[1:] - settled))
        else:
            coloured = sum(square * tau / (1 + tau) for square, tau in self.drive.coloured)
            shared = self.variance - self.drive.white / 2 - coloured - self.drive.frozen
        return self.variance - 2 * shared + self.gain**2 * self.rate_square


def motion(activation: Activation, gain: float, drive: Drive, *, dt: float | None = None) -> Motion:
    """Return the self-consistent motion of a unit.

    .. math:: \\Delta - \\Delta'' = g^2 C_\\phi(\\Delta; \\Delta(0)) + \\langle \\xi(t)\\, \\xi(t+\\tau) \\rangle

    Parameters
    ----------
    activation : φ
    gain : g
    drive : the noise
    dt : the step of an Euler simulation to be described exactly; None is continuous time

    Raises
    ------
    InputError : no stationary state, or one that is forgotten too slowly; a step not in (0, 1].

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> from noisette.theory._drive import Drive
    >>> round(motion(jnp.tanh, 1.2, Drive(coloured=((4 / 3, 3.0),))).variance, 4)
    1.6027
    """
    require(np.isfinite(gain) and gain >= 0, f"gain {gain:g}", "a finite number, zero or positive")
    require(dt is None or 0 < dt <= 1, f"dt {dt}", "a step above 0 and up to 1", "None is continuous time")
    one = unit(activation)
    if dt is not None and one.jumps:  # in continuous time the potential of a jump is not resolved
        return _stepped_anew(one, gain, drive, dt)
    require(not one.jumps, "the activation jumps", "a continuous activation in continuous time", "or give the step dt")
    found = _continuous(one, gain, drive)
    return found if dt is None else _stepped(found, dt)


def _continuous(one: Unit, gain: float, drive: Drive) -> Motion:
    if drive.coloured:
        return _driven(one, gain, drive)
    variance, constant, path = level(one, gain, drive)
    grid = panels(LOW, HIGH if path is None else _exponent(40 / path.end, gain))
    moved = Motion(one, gain, drive, grid, variance, constant, path=path)
    return replace(moved, mean_square=_mean_square(moved))


def _driven(one: Unit, gain: float, drive: Drive) -> Motion:
    """Return the motion in coloured noise, which keeps no energy."""
    times = [tau for _, tau in drive.coloured]
    low = min(LOW, int(np.floor(np.log2(min(times)))))
    lasting = drive.frozen > 0 or not one.odd
    for longest in range(_exponent(40 * max(times), gain), HIGHEST + 1, 3):
        grid = panels(low, longest)
        problem, quiet = Problem(one, gain, drive, grid, lasting), Moment(grid.noise(drive), drive.frozen)
        found = solve(problem, quiet) or solve(problem, _alike(problem))
        if found is None:
            raise _onesite.no_state(one.activation, gain, f"{TRIED} from noise alone and from white noise")
        c = found.decaying
        if np.abs(c[-16:]).max() <= FORGOTTEN * c[0]:
            moved = Motion(one, gain, drive, grid, found.variance, found.constant, solved=c)
            return replace(moved, mean_square=_mean_square(moved))
    raise _endless(gain)


def _alike(problem: Problem) -> Moment:
    """Return where white noise of the same effect on a unit would lead: iteration is slow close to an instability."""
    drive = problem.drive
    white = drive.white + 2 * sum(square * tau / (1 + tau) for square, tau in drive.coloured)
    near = _continuous(problem.unit, problem.gain, Drive(white, (), drive.frozen))
    return Moment(near.grid.at(near.decaying, problem.grid.lags), near.constant)


def _exponent(time: float, gain: float) -> int:
    """Return the power of two of the longest lag, for what lasts so long."""
    found = max(HIGH, int(np.ceil(np.log2(time))))
    if found > HIGHEST:
        raise _endless(gain)
    return found


def _stepped(smooth: Motion, dt: float) -> Motion:
    """Return the motion of the Euler simulation, found from that in continuous time."""
    c = smooth.decaying
    if smooth.static:
        ring = Ring(dt, 8)
        return replace(smooth, grid=ring)
    felt = float(smooth.grid.lags[np.flatnonzero(np.abs(c) > 1e-13 * c[0])[-1]])
    count = int(next_fast_len(int(np.ceil(1.1 * felt / dt)) + 16) or 0)
    require(
        count <= MOST_STEPS, f"dt {dt:g} with memory of {felt:.3g}", f"at most {MOST_STEPS} steps", "take a longer step"
    )
    ring = Ring(dt, count)
    start = Moment(smooth.grid.at(c, ring.lags), smooth.constant)
    start.decaying[0] = c[0]
    return _on_ring(smooth.unit, smooth.gain, smooth.drive, ring, start, "that in continuous time")


def _stepped_anew(one: Unit, gain: float, drive: Drive, dt: float) -> Motion:
    """Return the motion of the Euler simulation, found from that of noise alone, or of independent units."""
    if drive.silent and static_variance(one, gain, 0.0) == 0:
        return Motion(one, gain, drive, Ring(dt, 8), 0.0, 0.0)
    longest = 40 * max([1.0, *(tau for _, tau in drive.coloured)])
    while longest / dt <= MOST_STEPS:
        ring = Ring(dt, int(next_fast_len(int(np.ceil(longest / dt)) + 16) or 0))
        noise = ring.noise(drive)
        if not noise.any() and not drive.frozen:
            noise = gain**2 * one.square(1.0) * np.exp(-ring.lags)
        moved = _on_ring(one, gain, drive, ring, Moment(noise, drive.frozen), "noise alone")
        c = moved.decaying
        if np.abs(c[-16:]).max() <= FORGOTTEN * c[0]:
            return moved
        longest *= 4
    raise _endless(gain)


def _on_ring(one: Unit, gain: float, drive: Drive, ring: Ring, start: Moment, origin: str) -> Motion:
    lasting = drive.frozen > 0 or not one.odd
    found = solve(Problem(one, gain, drive, ring, lasting), start)
    if found is None:
        raise _onesite.no_state(one.activation, gain, f"{TRIED} from {origin}")
    moved = Motion(one, gain, drive, ring, found.variance, found.constant, solved=found.decaying)
    return replace(moved, mean_square=_mean_square(moved))


def _mean_square(moved: Motion) -> float:
    """Return M = g² C_φ(M; v): the second moment that two trials of one network share, whatever their noise."""
    if moved.unit.odd or moved.silent:
        return 0.0
    if moved.drive.frozen == 0:
        return moved.constant
    v, g = moved.variance, moved.gain
    root: Any = brentq(lambda m: g**2 * float(moved.rates(m)) - m, 0.0, v, xtol=1e-16 * v)
    return float(root)


def _endless(gain: float) -> InputError:
    return InputError(
        f"gain {gain:.12g}: fluctuations decay too slowly; memory up to {2.0**HIGHEST:.2g} is allowed; change the "
        "gain or the noise"
    )


__all__ = ["Motion", "motion"]

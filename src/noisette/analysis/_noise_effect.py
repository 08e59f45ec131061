"""Effect of noise on a binary network: information curves, their optimum, and its explanation by attractors."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from noisette.analysis._attractors import Attractors, attractors
from noisette.analysis._choice import choose_estimator, default_strengths
from noisette.analysis._optimum import EVALUATIONS, Optimum, read_off, search
from noisette.analysis._options import Estimator, Progress, RunOptions
from noisette.analysis._resonance import resonance, strengths, with_unit_noise
from noisette.analysis._scan import Scan
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.keys import KeyLike
from noisette.networks import BinaryNetwork, NetworkLike, as_network
from noisette.reprs import as_html
from noisette.theory import markov

if TYPE_CHECKING:
    from noisette.plots._style import Figure

GAIN = 0.05  # increase of the information, in bits, above which noise counts as helpful
MOST_UNITS = 14  # largest network whose attractors are enumerated


@dataclass(frozen=True, repr=False)
class NoiseEffect:
    """Effect of noise on the information of successive states of a network; ``print`` describes it in sentences.

    Attributes
    ----------
    data : Dataset over ``noise`` as returned by `resonance`, with the attributes ``optimal_noise``,
        ``optimal_information`` and ``kind``
    optimum : noise strength at which the information is greatest
    least_noise : weakest noise of the curve, with which the optimum is compared
    least_information : information at this strength, in bits; NaN where it is undefined
    attractors : attractors of the network without noise; None for more than 14 units
    """

    data: xr.Dataset
    optimum: Optimum
    least_noise: float
    least_information: float
    attractors: Attractors | None

    @property
    def gain(self) -> float:
        """Information at the optimum minus that at the weakest noise, in bits."""
        return self.optimum.information - self.least_information

    @property
    def helps(self) -> bool | None:
        """Whether noise increases the information by more than 0.05 bit; None where no comparison is possible."""
        if np.isnan(self.least_information):
            return None
        if "information_se" in self.data and self.optimum.kind == "flat":
            return False  # no difference between strengths exceeds three standard errors
        return bool(self.gain > GAIN and self.optimum.noise > self.least_noise)

    @property
    def reason(self) -> str:
        """Explanation of the effect in terms of attractors; empty where these are not available."""
        if self.attractors is None or self.helps is None:
            return ""
        number, fixed, cycles = (
            len(sets) for sets in (self.attractors.sets, self.attractors.fixed_points, self.attractors.cycles)
        )
        fixed_points = _counted(fixed, "fixed point")
        kinds = f"{fixed_points} and {_counted(cycles, 'cycle')}" if cycles else _counted(number, "fixed point")
        effect = (
            "without noise a run stays near one of them, and with noise it visits the others"
            if self.helps
            else "noise leads to no attractor that a run does not reach already"
        )
        return f"the sign map has {kinds}; {effect}"

    @property
    def method(self) -> str:
        """Which method was used and why, and what others require; empty if the estimator was specified."""
        return " ".join(text for name in ("reason", "alternative") if (text := self.data.attrs.get(name, "")))

    def __repr__(self) -> str:
        optimum = f"{self.optimum.information:.4g} bit at r = {self.optimum.noise:.4g}"
        return f"NoiseEffect(helps={self.helps}, {optimum}, {len(self.data.noise)} strengths)"

    def _repr_html_(self) -> str:
        """Return the summary and a table of the main numbers, for notebooks."""
        title = str(self).split("\n")[1]
        rows = {
            "information at the optimum": f"{self.optimum.information:.4g} bit at r = {self.optimum.noise:.4g}",
            "information in the weakest noise": f"{self.least_information:.4g} bit at r = {self.least_noise:g}",
            **({"reason": self.reason} if self.reason else {}),
            "strengths": f"{len(self.data.noise)} from {self.least_noise:g} to {float(self.data.noise.max()):g}",
        }
        return as_html(title, rows)

    def __str__(self) -> str:
        weakest = f"r = {self.least_noise:g}"
        if self.helps is None:
            return (
                f"{self.optimum}\nThe information cannot be compared with its value at {weakest}, which is undefined."
            )
        initial = f"{self.least_information:.4g} bit at {weakest}"
        if self.helps:
            highest = f"{self.optimum.information:.4g} bit at r = {self.optimum.noise:.4g}"
            text = f"Noise helps: I rises from {initial} to {highest}."
        else:
            rest = f", and {self.gain:.2g} bit more at best." if self.gain > 0 else "."
            text = f"Noise does not help: I is {initial}{rest}"
        return "\n".join([str(self.optimum), text, *([f"Why: {self.reason}."] if self.reason else [])])

    def plot(self) -> "Figure":
        """Plot entropy, information and divergence against noise, exact curves as lines and simulated curves as points.

        Returns
        -------
        matplotlib Figure
        """
        from noisette.plots import figure, information_curves, style

        with style():
            fig = figure(4.6, 3.2)
            simulated = "entropy_se" in self.data
            exact, sampled = (None, self.data) if simulated else (self.data, None)
            information_curves(fig.subplots(), exact, sampled)
        return fig


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' if number != 1 else ''}"


@check_arguments
@public_call
def noise_effect(
    network: NetworkLike,
    noise: ArrayLike | None = None,
    *,
    steps: int = 10_000,
    start: Any = 0,
    estimator: Estimator = "auto",
    key: KeyLike = 0,
    progress: Progress | None = None,
    **sampling: Unpack[RunOptions],
) -> NoiseEffect:
    """Determine whether noise helps a binary network, at which strength, and why.

    Noise helps if the mutual information of successive states at its optimum exceeds that at the weakest noise by more
    than 0.05 bit. On exact curves the optimum is searched for between the given strengths as well, as by
    `optimal_noise`; on simulated curves it is the highest point.

    Parameters
    ----------
    network, steps, start, estimator, key, progress, **sampling : as for `resonance`
    noise : strengths r ≥ 0; the search is restricted to their range, and for more than 12 units to the neighbourhood of
        the highest of them. By default 0, 1, …, 50; for more than 12 units, and where "auto" selects a simulation, 13
        multiples from 0 to 8 of the root mean square field of the units

    Returns
    -------
    NoiseEffect with ``helps``, ``optimum``, ``reason``, the curves in ``data``, and ``plot()``

    Raises
    ------
    InputError : a network that is not binary; invalid arguments of `resonance`.

    See Also
    --------
    resonance : The curves of H, I and D against the noise, by an estimator of your choice.
    optimal_noise : The exact optimum, its kind and all local maxima.
    theory.markov.one_pattern_measures : A few units of a network of up to 1000 units that stores one pattern.

    Examples
    --------
    >>> import noisette as nz
    >>> effect = nz.noise_effect(nz.Boltzmann(nz.weights.autapses(10)), [0, 4, 50])
    >>> print(effect)
    The information I has its maximum, 4.932 bit, at r = 2.425.
    Noise helps: I rises from 3.284 bit at r = 0 to 4.932 bit at r = 2.425.
    Why: the sign map has 32 fixed points; without noise a run stays near one of them, and with noise it visits the
    others.
    >>> effect.helps, round(effect.optimum.noise, 3)
    (True, 2.425)

    References
    ----------
    Metzner, Schilling, Maier & Krauss (2024), Frontiers in Complex Systems 2:1479417.
    """
    network = as_network(network, BinaryNetwork)
    choice = choose_estimator(with_unit_noise(network), units=sampling.get("units"))
    large = network.size > markov.DENSE_LIMIT
    if noise is None:
        sampled = estimator == "auto" and not choice.exact
        noise = default_strengths(network) if sampled or large else np.arange(51)
    grid = strengths(noise)
    exact = estimator in markov.ESTIMATORS or (estimator == "auto" and choice.exact)
    curve, rest = _parts(progress, len(grid)) if exact and large else (progress, progress)
    data = resonance(network, grid, steps, start, estimator, key=key, progress=curve, **sampling)
    estimator = data.attrs["estimator"]
    optimum = _optimum(network, data, steps, start, estimator, rest)
    data = data.assign_attrs(optimal_noise=optimum.noise, optimal_information=optimum.information, kind=optimum.kind)
    weakest = int(np.argmin(data.noise.values))
    sets = attractors(network) if network.size <= MOST_UNITS else None
    return NoiseEffect(data, optimum, float(data.noise[weakest]), float(data.information[weakest]), sets)


def _parts(progress: Progress | None, strengths: int) -> tuple[Progress | None, Progress | None]:
    """Return callbacks for the curve and for the search, which report the progress of both together.

    Beyond the dense limit the search takes as long as several strengths, or no time if the optimum is at an edge. It
    counts half, so that the remaining time is right within a factor of about two in both cases.
    """
    if not callable(progress):
        return progress, progress
    whole = 2 * strengths + EVALUATIONS
    return lambda done, total: progress(2 * done, whole), lambda done, total: progress(2 * strengths + done, whole)


def _optimum(
    network: BinaryNetwork, data: xr.Dataset, steps: int, start: Any, estimator: Any, progress: Progress | None
) -> Optimum:
    """Return the optimum, by a search on exact curves and as the highest point of simulated curves."""
    grid = np.unique(data.noise.values)
    if estimator not in markov.ESTIMATORS or len(grid) < 2:
        return read_off(data)
    scan = Scan(network, steps, start, estimator, progress)
    scan.insert(data)
    return search(scan, grid, steps, start, estimator)


__all__ = ["NoiseEffect", "noise_effect"]

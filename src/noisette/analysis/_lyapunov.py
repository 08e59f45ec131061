"""Lyapunov spectra, with the Kaplan–Yorke dimension and the entropy rate."""

import json
from collections.abc import Sequence
from typing import Any, Literal, Unpack

import numpy as np
import xarray as xr
from jaxtyping import Float

from noisette.analysis._options import TimeStep
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import integer, real_array, require
from noisette.keys import KeyLike, as_key
from noisette.networks import ContinuousNetwork, NetworkLike, as_networks
from noisette.probes import Lyapunov, block_error
from noisette.provenance import provenance
from noisette.simulation import TimeOptions, TrialOptions, simulate


@check_arguments
def kaplan_yorke(exponents: Float[np.ndarray, " k"], size: int | None = None) -> float:
    """Kaplan–Yorke dimension of a spectrum of Lyapunov exponents.

    .. math:: D_{KY} = j + \\frac{\\sum_{i \\le j} \\lambda_i}{|\\lambda_{j+1}|},
       \\quad j = \\max \\Big\\{ n : \\sum_{i \\le n} \\lambda_i \\ge 0 \\Big\\}

    It is 0 if the largest exponent is negative, j if λ_{j+1} = −∞, and N if no partial sum of all N exponents is
    negative.

    Parameters
    ----------
    exponents : λ in any order, shape (k,); −∞ for directions that are contracted to zero in finite time
    size : number of units N. The spectrum is complete if N equals the number of exponents; otherwise, or if N is not
        given, the dimension is undetermined (NaN) where no partial sum is negative

    Returns
    -------
    D_KY, between 0 and N; NaN if it is undetermined or if an exponent is NaN or +∞

    Raises
    ------
    InputError : no exponents, more exponents than units.

    See Also
    --------
    analysis.entropy_rate : The sum of the positive exponents.
    lyapunov_spectrum : Exponents, dimension and entropy rate in one call.

    Examples
    --------
    >>> import numpy as np
    >>> round(kaplan_yorke(np.array([0.4192, -1.6232])), 4)  # Hénon
    1.2583
    >>> kaplan_yorke(np.array([np.log(2)]), size=1)  # the logistic map at r = 4
    1.0

    References
    ----------
    Kaplan & Yorke (1979), Lecture Notes in Mathematics 730:204.
    """
    ordered, complete = _sorted(exponents, size)
    if np.isnan(ordered).any() or ordered[0] == np.inf:
        return float("nan")
    sums = np.cumsum(ordered)
    negative = np.flatnonzero(sums < 0)
    if len(negative) == 0:
        return float(len(ordered)) if complete else float("nan")
    j = int(negative[0])
    return 0.0 if j == 0 else float(j + sums[j - 1] / abs(ordered[j]))


@check_arguments
def entropy_rate(exponents: Float[np.ndarray, " k"], size: int | None = None) -> float:
    """Sum of the positive Lyapunov exponents, an upper bound on the Kolmogorov–Sinai entropy, in nats per unit of time.

    .. math:: h = \\sum_{\\lambda_i > 0} \\lambda_i \\ge h_{KS}

    It is undetermined (NaN) if all exponents are positive and the spectrum is not known to be complete.

    Parameters
    ----------
    exponents : λ in any order, shape (k,); −∞ for directions that are contracted to zero in finite time; with NaN the
        result is NaN
    size : number of units N; see `kaplan_yorke`

    Returns
    -------
    h, in nats per unit of time of the exponents

    Raises
    ------
    InputError : as for `kaplan_yorke`.

    See Also
    --------
    analysis.kaplan_yorke : The dimension of the attractor.
    lyapunov_spectrum : Exponents, dimension and entropy rate in one call.

    Examples
    --------
    >>> import numpy as np
    >>> entropy_rate(np.array([0.5, 0.1, -0.2]))
    0.6

    References
    ----------
    Ruelle (1978), Boletim da Sociedade Brasileira de Matemática 9:83.
    """
    ordered, complete = _sorted(exponents, size)
    determined = complete or bool(ordered[-1] <= 0)
    return float(np.maximum(ordered, 0.0).sum()) if determined else float("nan")


def _sorted(exponents: np.ndarray, size: int | None) -> tuple[np.ndarray, bool]:
    """Return the exponents in descending order, and whether the spectrum is complete."""
    ordered = np.sort(real_array(exponents, "exponents", finite=False))[::-1]  # NaN first
    require(ordered.ndim == 1 and len(ordered) > 0, f"exponents of shape {ordered.shape}", "one or more numbers")
    units = None if size is None else integer(size, "size")
    counts = f"{len(ordered)} exponents of {units} units"
    require(units is None or len(ordered) <= units, counts, "at most as many exponents as units")
    return ordered, len(ordered) == units


@check_arguments
@public_call
def lyapunov_spectrum(
    network: NetworkLike | Sequence[NetworkLike],
    exponents: int = 1,
    *,
    key: KeyLike,
    duration: float = 300.0,
    discard: float = 100.0,
    dt: TimeStep | None = None,
    every: int | Literal["auto"] = "auto",
    **options: Unpack[TrialOptions],
) -> xr.Dataset:
    """Measure the largest Lyapunov exponents of one or more networks.

    .. math:: \\lambda_i = \\frac{1}{T} \\sum \\ln |R_{ii}|

    over the time T after the transient, with R from the QR decompositions of tangent vectors; see the probe `Lyapunov`.
    In noise and with inputs, the exponents are conditional: they describe trajectories that receive the same noise and
    the same inputs, which meet if the largest exponent is negative; see `analysis.synchronisation`.

    Parameters
    ----------
    network : a network or a trained network, or a sequence of them (dimension ``network``)
    exponents : number of exponents; all N always determine the Kaplan–Yorke dimension and the entropy rate, fewer only
        if their sum is negative or, for the entropy rate, if the last of them is not positive
    key : an integer or a JAX key
    duration : length of the simulation, in the network's unit of time, or in steps for networks in discrete time
    discard : transient to discard, in the same unit
    dt : time step, as for `simulate`
    every : largest number of steps between two orthonormalisations, as for the probe `Lyapunov`, which shortens the
        interval according to the measured growth; if an exponent is still lost in round-off, the simulation is repeated
        with every = 1
    **options : ``start``, ``inputs``, ``runs`` (dimension ``run``, absent for one), ``solver`` ("euler"), ``warn`` and
        ``progress``, as for `simulate`

    Returns
    -------
    Dataset with ``lyapunov`` (exponent), ``kaplan_yorke`` (see `kaplan_yorke`) and ``entropy`` (see `entropy_rate`),
    each with a standard error (``lyapunov_se`` …), and ``lyapunov_running``, the exponents over the first fraction
    ``share`` of the time after the transient. An exponent is −∞ if its direction is contracted to zero, and NaN if it
    is undetermined. The standard errors of ``kaplan_yorke`` and ``entropy`` follow from linear error propagation at the
    measured value of j.

    Raises
    ------
    InputError : a duration not longer than the transient; fractional steps in discrete time; invalid arguments of
        `simulate` and `Lyapunov`.

    See Also
    --------
    chaos_curve : Exponents against the gain, for several networks, with an audit of the step.
    Lyapunov : Exponents within your own simulation, beside other probes.
    TrajectorySeparation : The distance of two trajectories in the same noise, without tangents.
    analysis.synchronisation : Whether and when trajectories in the same noise meet.
    theory.mean_field : The exponent, variance and kinetic energy for N → ∞.
    analysis.spectrum : The eigenvalues of the Jacobian at one state.

    Examples
    --------
    >>> import jax.numpy as jnp, noisette as nz
    >>> henon = nz.networks.Map(lambda s: jnp.array([1 - 1.4 * s[0] ** 2 + s[1], 0.3 * s[0]]), 2)
    >>> spectrum = nz.lyapunov_spectrum(henon, 2, duration=20_000, start=[0.1, 0.1], key=0)
    >>> round(float(spectrum.lyapunov.sum()), 6)  # ln 0.3
    -1.203973

    The times of trained networks are in ms, so that their exponents are in 1/ms:

    >>> import pathlib, tempfile
    >>> trained = nz.networks.TaskNetwork.random(20, sensory_noise=0.0, key=0)
    >>> file = nz.training.save(trained, pathlib.Path(tempfile.mkdtemp()) / "network.npz")
    >>> exponents = nz.lyapunov_spectrum(nz.training.load(file), duration=4000, discard=1000, dt=5, key=0)
    >>> exponents.lyapunov.units, bool(-1 / trained.tau.min() < exponents.lyapunov[0] < 0)
    ('1/ms', True)
    """
    longer(duration, discard)
    key = as_key(key)
    networks, _ = as_networks(network)
    trials: dict[str, Any] = {name: value for name, value in options.items() if name not in TimeOptions.__annotations__}
    if isinstance(networks[0], ContinuousNetwork):
        steps = None
        solver, inputs = options.get("solver", "euler"), options.get("inputs")
        trials |= {"duration": duration, "dt": dt, "solver": solver, "inputs": inputs}
    else:
        steps = _steps(duration, "duration")
        _steps(discard, "discard")
        trials |= {"inputs": options.get("inputs")}

    def measure(interval: int | Literal["auto"]) -> xr.Dataset:
        return simulate(network, steps, Lyapunov(exponents, interval, discard), key=key, **trials)

    data = measure(every)
    if every != 1 and _lost_in_round_off(data).any():
        data = measure(1)
    data = _with_summaries(data, networks[0].size)
    arguments = {"exponents": exponents, "duration": duration, "discard": discard, "every": every}
    configuration = json.loads(data.attrs["configuration"]) | arguments
    data = data.assign_attrs(provenance("simulated", "single-run", (), configuration))
    return data.isel(run=0) if options.get("runs", 1) == 1 else data


def longer(duration: float, discard: float) -> None:
    """Raise `InputError` if the duration is not longer than the transient to discard."""
    require(
        0 <= discard < duration,
        f"discard {discard:g} of a duration {duration:g}",
        "the transient must be at least 0 and shorter than the duration",
    )


def _steps(time: float, name: str) -> int:
    """Return a time of a network in discrete time as a number of steps; integral floats such as 300.0 are accepted."""
    require(float(time).is_integer(), f"{name} {time!r} of a network in discrete time", "a whole number of steps")
    return int(time)


def _lost_in_round_off(data: xr.Dataset) -> np.ndarray:
    """Return which exponents are lost in round-off: those that are NaN although the final state is finite."""
    finite = np.isfinite(data.final.values).all(-1)
    return np.isnan(data.lyapunov.values) & finite[..., None]


def _with_summaries(data: xr.Dataset, size: int) -> xr.Dataset:
    """Add the Kaplan–Yorke dimension and the entropy rate of each trial, with their standard errors.

    Standard errors follow from the delta method: the growth rates of each block are projected onto the gradient of the
    function with respect to the exponents, and `block_error` yields the error of the mean of the projections.
    """
    exponents, dims = data.lyapunov.values, data.lyapunov.dims[:-1]
    per_time = data.lyapunov.attrs["units"]
    shares = data.share.values
    totals = data.lyapunov_running.values * shares[:, None]
    with np.errstate(invalid="ignore"):  # differences of −∞
        growth = np.diff(totals, axis=-2, prepend=0.0) / np.diff(shares, prepend=0.0)[:, None]
    summaries = {
        "kaplan_yorke": (kaplan_yorke, _dimension_gradient, "Kaplan–Yorke dimension", ""),
        "entropy": (entropy_rate, _entropy_gradient, "sum of positive exponents", f"nat·{per_time}"),
    }
    for name, (function, gradient, text, units) in summaries.items():
        values = np.apply_along_axis(function, -1, exponents, size)
        slopes = np.apply_along_axis(gradient, -1, exponents)[..., None, :]
        with np.errstate(invalid="ignore"):
            projections = np.where(slopes == 0, 0.0, slopes * growth).sum(-1)
        errors = np.where(np.isnan(values), np.nan, np.asarray(block_error(np.moveaxis(projections, -1, 0))))
        data[name] = (dims, values, {"long_name": text, "units": units})
        data[f"{name}_se"] = (dims, errors, {"long_name": f"standard error of the {text}", "units": units})
    return data


def _dimension_gradient(exponents: np.ndarray) -> np.ndarray:
    """Return ∂D/∂λ_i: 1/|λ_{j+1}| for i ≤ j, Σ_{i≤j} λ_i/λ_{j+1}² for i = j + 1, and zero otherwise."""
    descending = np.argsort(-exponents)
    sums = np.cumsum(exponents[descending])
    slopes = np.zeros(len(exponents))
    negative = np.flatnonzero(sums < 0)
    if len(negative) and negative[0] > 0:
        j = negative[0]
        following = exponents[descending[j]]
        slopes[descending[:j]] = 1 / abs(following)
        slopes[descending[j]] = sums[j - 1] / following**2
    return slopes


def _entropy_gradient(exponents: np.ndarray) -> np.ndarray:
    """Return ∂h/∂λ_i: 1 for positive exponents, and zero otherwise."""
    return np.where(exponents > 0, 1.0, 0.0)

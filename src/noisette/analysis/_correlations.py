"""Statistics of correlations in random networks: unbiased estimates from simulations, and comparison with theory."""

import warnings
from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np
import xarray as xr
from jaxtyping import Array
from numpy.typing import ArrayLike

from noisette import theory
from noisette.activations import Activation
from noisette.analysis._dimension import jackknife
from noisette.analysis._options import (
    Activity,
    CorrelationOptions,
    ModelOptions,
    Progress,
    SimulatedOptions,
    seed_entry,
)
from noisette.analysis._sampling import Row, Sampling, keys_of, matrices
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import (
    StepSizeWarning,
    TransientWarning,
    UnsolvedWarning,
    integer,
    real_array,
    require,
    shown,
    users_frame,
)
from noisette.functions import try_function
from noisette.keys import KeyLike, as_key
from noisette.noise import Noise
from noisette.provenance import provenance
from noisette.simulation._fixed_points import is_frozen
from noisette.theory.gaussian._activation import is_odd

DT = 0.1
TRANSIENT, SNAPSHOTS, EVERY = 20.0, 4, 5.0
THEORY_OPTIONS = ("order", "covariance", "samples")  # options of theory only
STATISTICS = {
    "variance": "tr C/N, variance of a unit",
    "covariance_variance": "N ⟨C_ij²⟩, i ≠ j",
    "participation_dimension": "D = ⟨tr C/N⟩²/⟨tr C²/N⟩, participation ratio divided by N",
}
PER_NETWORK = {
    "first": "tr C/N of each network",
    "second": "tr C²/N of each network",
    "diagonal": "Σ C_ii²/N of each network",
    "failed_draws": "number of unsolved or divergent draws of each network, omitted",
    "unstable_draws": "number of draws of each network at unstable fixed points, omitted",
    "transient": "discarded transient of each network, in units of τ",
    "relaxation_time": "relaxation time of the slowest mode of each network, in units of τ; infinite without decay",
    "stationary": "whether the runs of each network are independent of their starts",
}
FEW_UNSTABLE = 0.01  # fraction of unstable fixed points up to which there is no warning
DTYPES = {"failed_draws": int, "unstable_draws": int, "stationary": bool}


@check_arguments
@public_call
def simulated_correlations(
    activation: Activation,
    gain: ArrayLike | Array | Sequence[float],
    noise: Noise | None,
    size: int | None = None,
    *,
    networks: int = 20,
    draws: int = 300,
    key: KeyLike = 0,
    progress: Progress | None = None,
    **options: Unpack[SimulatedOptions],
) -> xr.Dataset:
    """Measure the statistics of covariances in simulated networks, from unbiased estimates of traces.

    .. math:: D = \\frac{\\langle \\mathrm{tr}\\, C/N \\rangle_J^2}{\\langle \\mathrm{tr}\\, C^2/N \\rangle_J}, \\qquad
       \\widehat{\\mathrm{tr}\\, C^2} = \\frac{1}{n(n-1)} \\sum_{a \\neq b} (\\mathbf x_a \\cdot \\mathbf x_b)^2

    C is the covariance matrix of the activity, the x_a are n independent samples, and ⟨·⟩_J is the mean over networks.

    In frozen noise each draw of the noise yields one sample, the stable fixed point to which the network converges.
    Draws for which only an unstable fixed point is computed are counted in ``unstable`` and omitted, since the network
    does not remain there. In other noise the samples are snapshots at equal times of independent runs by Euler's
    method, and only products of different runs enter the estimates. Runs start from normal states of the variance that
    mean-field theory predicts. The transient is lengthened, to at most 160 or `discard`, until it exceeds 2.5
    relaxation times of the slowest mode (5 in noise that is correlated in time) and the mean square does not drift;
    runs that are still not stationary cause a warning. Divergent runs are detected while they are finite, counted in
    ``failed`` and omitted. Where φ is not odd, the unknown mean is eliminated by differences of samples. Standard
    errors are those of means over networks, with the jackknife for D; for a single network they follow from the
    jackknife over draws.

    Parameters
    ----------
    activation : φ, any function of arrays
    gain : g, one or more values; all gains share the same networks and draws
    noise : any noise; for Frozen and its sums fixed points are computed
    size : number of units N; by default 400, or that of `weights`
    networks : number of networks; 1 if `weights` is a matrix
    draws : number of draws of the noise, or of runs, for each network
    key : an integer or a JAX key, for weights and noise
    progress : True to show a bar (see `show_progress`), or a function called with (done, total), counting networks at
        each gain
    **options : the options below

    Other Parameters
    ----------------
    activity : "current" x or "rate" φ(x)
    placement : noise "inside" φ, x = g J φ(x) + ξ, or (Frozen only) "outside", x = φ(g J x) + ξ
    self_coupling : whether the J_ii are drawn like all other weights, or are zero
    weights : J, a matrix of shape (N, N), or a function from the index of a network to its matrix; by default N(0, 1/N)
    dynamic : whether to simulate runs in frozen noise as well, which is necessary for χ = g²⟨φ'²⟩ > 1, where fixed
        points are unstable
    dt : time step of runs, in units of τ
    discard : shortest transient to discard, in units of τ
    snapshots, every : number of states kept per run, and the time between them in units of τ

    Raises
    ------
    InputError : too few draws, unknown options, noise outside φ that is not frozen, invalid arguments of `simulate`.

    Warns
    -----
    UnsolvedWarning : draws that are not solved or diverge (``failed``), or more than 1 % of the draws at unstable fixed
        points (``unstable``); these draws are omitted
    TransientWarning : runs that are not stationary after the longest transient
    StepSizeWarning : a time step that is too long for a network

    Returns
    -------
    Dataset over ``gain`` (for several gains) with ``variance``, ``covariance_variance`` and
    ``participation_dimension`` (D, the participation ratio divided by N), each with ``…_se``, ``failed`` and
    ``unstable``; for each ``network`` with tr C/N (``first``), tr C²/N (``second``) and Σ C_ii²/N (``diagonal``), NaN
    if too few draws remain, ``failed_draws``, ``unstable_draws``, ``transient`` and ``relaxation_time`` in units of τ,
    and ``stationary``

    See Also
    --------
    correlations : Theory, and on request simulations, of random networks against the gain.
    theory.correlations : Theory alone.
    theory.predicted_covariance : Every entry of C of one given network in frozen noise.
    analysis.network_correlations : Covariances and dimension of one given network, by theory or simulation.

    Examples
    --------
    >>> import noisette as nz
    >>> data = simulated_correlations(nz.activations.tanh, 0.8, nz.Frozen(1.0), 60, networks=10, draws=60)
    >>> round(float(data.variance), 1), int(data.failed)  # theory: 1.28
    (1.3, 0)

    References
    ----------
    Mato, Rigatuso & Torroba (2026) [mato2026].
    """
    activity, placement = options.get("activity", "current"), options.get("placement", "inside")
    self_coupling, weights = options.get("self_coupling", True), options.get("weights")
    dt, discard = options.get("dt"), options.get("discard", TRANSIENT)
    dt = DT if dt is None else dt
    try_function(activation, "activation", (2,), returns=(2,))
    require(not isinstance(weights, type), f"weights {shown(weights)}", "a matrix, or a function of the index")
    snapshots, every = integer(options.get("snapshots", SNAPSHOTS), "snapshots", None), options.get("every", EVERY)
    size = None if size is None else integer(size, "size")
    networks = integer(networks, "networks", None)
    draws = integer(draws, "draws", None)
    gains = real_array(gain, "gain")
    require(gains.ndim <= 1 and gains.size > 0, f"gain of shape {gains.shape}", "a number, or a list of numbers")
    dynamic, centred = options.get("dynamic", False) or not is_frozen(noise), not is_odd(activation)
    sampling = Sampling(
        activation, noise, draws, activity == "rate", placement == "outside", centred, dynamic, dt, discard, snapshots,
        every,
    )  # fmt: skip
    sampling.check()
    count = 1 if weights is not None and not callable(weights) else networks
    require(count >= 1, f"{count} networks", "at least one")
    weight_key, noise_key = keys_of(as_key(key))
    matrix = matrices(weights, size, self_coupling, weight_key)
    rows: list[list[Row]] = [[] for _ in gains.ravel()]
    units = 0
    for number in range(count):
        W = matrix(number)
        units = len(W)
        for i, g in enumerate(gains.ravel()):
            rows[i].append(sampling.of(W, float(g), noise_key(number)).row(centred, alone=count == 1))
            if callable(progress):
                progress(number * gains.size + i + 1, count * gains.size)
    _warn(gains, rows, draws, not dynamic)
    configuration = {
        "gain": gains, "size": units, "networks": count, "draws": draws, "activity": activity, "placement": placement,
        "self_coupling": self_coupling, "noise": noise, "activation": activation,
        "weights": weights, "key": key,
    }  # fmt: skip
    timing = {"dt": dt, "discard": discard, "snapshots": snapshots, "every": every} if dynamic else {}
    estimator = "equal-time, stationary" if dynamic else "fixed points"
    attrs = provenance("simulated", estimator, ("mato2026",), configuration | timing, **timing, **seed_entry(key))
    return _table(gains, rows, units).assign_attrs(attrs)


def _table(gains: np.ndarray, rows: list[list[Row]], units: int) -> xr.Dataset:
    """Return the statistics over gains, and the results of each network."""
    dims = ("gain",) * gains.ndim
    averages = [_averages(row) for row in rows]
    per_network = np.array([[_of_network(network) for network in row] for row in rows])
    per_network = per_network.reshape(*gains.shape, *per_network.shape[1:])
    columns: dict[str, Any] = {}
    for name, text in STATISTICS.items():
        for key, label in ((name, text), (f"{name}_se", f"standard error of {text}")):
            columns[key] = (dims, np.reshape([values[key] for values in averages], gains.shape), {"long_name": label})
    counts = {
        "failed": (3, "number of unsolved or divergent draws, omitted"),
        "unstable": (4, "number of draws at unstable fixed points, omitted"),
    }
    for name, (i, text) in counts.items():
        columns[name] = (dims, per_network[..., i].sum(-1).astype(int), {"long_name": text})
    for i, (name, text) in enumerate(PER_NETWORK.items()):
        columns[name] = ((*dims, "network"), per_network[..., i].astype(DTYPES.get(name, float)), {"long_name": text})
    coords = {"gain": (dims, gains), "network": np.arange(per_network.shape[-2])}
    return xr.Dataset(columns, coords=coords, attrs={"size": units})


def _of_network(row: Row) -> tuple[float, ...]:
    """Return the columns of `PER_NETWORK` for one network."""
    runs = row.runs
    return (*row.moments[:3], row.failed, row.unstable, runs.transient, runs.relaxation, runs.stationary)


def _averages(row: list[Row]) -> dict[str, float]:
    """Return means and standard errors over networks; for a single network, its values and errors over draws."""
    first, second, diagonal, size = np.array([network.moments for network in row]).T
    if len(row) == 1:
        moments = row[0].moments
        values, errors = (moments.first, moments.covariance_variance, moments.participation_dimension), row[0].errors
    else:
        psi = (second - diagonal) * size / (size - 1) if size[0] > 1 else np.full(len(row), np.nan)
        estimates = (_mean(first), _mean(psi), jackknife(first, second))
        values, errors = zip(*estimates, strict=True)
    averages = dict(zip(STATISTICS, values, strict=True))
    return averages | {f"{name}_se": error for name, error in zip(STATISTICS, errors, strict=True)}


def _mean(values: np.ndarray) -> tuple[float, float]:
    """Return mean and standard error over the networks with finite values."""
    kept = values[np.isfinite(values)]
    mean = float(kept.mean()) if len(kept) else float("nan")
    return mean, float(kept.std(ddof=1) / np.sqrt(len(kept))) if len(kept) > 1 else float("nan")


def _warn(gains: np.ndarray, rows: list[list[Row]], draws: int, at_fixed_points: bool) -> None:
    """Warn of omitted draws, runs that are not stationary, and time steps that are too long."""
    failed = [sum(network.failed for network in row) for row in rows]
    unstable = [sum(network.unstable for network in row) for row in rows]
    parts = [
        f"{text}: {', '.join(f'{n} of {draws * len(row)} at gain {g:g}' for g, n, row in where)}"
        for text, numbers, least in (
            ("unsolved or divergent draws", failed, 0.0),
            ("unstable fixed points", unstable, FEW_UNSTABLE * draws),
        )
        if (
            where := [part for part in zip(gains.ravel(), numbers, rows, strict=True) if part[1] > least * len(part[2])]
        )
    ]
    if parts:
        empty = sum(not np.isfinite(network.moments.first) for row in rows for network in row)
        few = f"; too few draws remain in {empty} networks, which are omitted" if empty else ""
        advice = "; beyond χ = 1 use dynamic=True" if at_fixed_points else ""
        warnings.warn(f"{'; '.join(parts)}; they are omitted{few}{advice}", UnsolvedWarning, stacklevel=users_frame())
    affected = [
        f"{sum(slow)} of {len(row)} networks at gain {g:g} (slowest relaxation time {_slowest(row):.3g})"
        for g, row in zip(gains.ravel(), rows, strict=True)
        if any(slow := [not network.runs.stationary for network in row])
    ]
    if affected:
        longest = max(network.runs.transient for row in rows for network in row)
        message = (
            f"not stationary after a transient of {longest:g}: {', '.join(affected)}; their results depend on the start"
        )
        message += "; use a longer discard, or a gain further from the critical one"
        warnings.warn(message, TransientWarning, stacklevel=users_frame())
    message = next((network.runs.warning for row in rows for network in row if network.runs.warning), "")
    if message:
        warnings.warn(message, StepSizeWarning, stacklevel=users_frame())


def _slowest(row: list[Row]) -> float:
    """Return the longest relaxation time of the networks whose runs are not stationary; NaN without noise."""
    times = [network.runs.relaxation for network in row if not network.runs.stationary]
    return float(np.max(times))


@check_arguments
@public_call
def correlations(
    activation: Activation,
    gain: ArrayLike | Array | Sequence[float],
    noise: Noise | None,
    size: int | None = None,
    *,
    simulate: bool = False,
    activity: Activity = "current",
    key: KeyLike = 0,
    progress: Progress | None = None,
    **options: Unpack[CorrelationOptions],
) -> xr.Dataset:
    """Predict the statistics of correlations in random networks and, optionally, simulate them for comparison.

    .. math:: D = \\frac{(\\mathrm{tr}\\, C)^2}{N\\, \\mathrm{tr}\\, C^2}, \\qquad
       \\psi = \\lim_{N \\to \\infty} N\\, \\mathrm{Var}\\, C_{ij}

    D (``participation_dimension``) is the participation ratio divided by N, and ψ is ``covariance_variance``. The
    prediction is that of `theory.correlations`, the simulation that of `simulated_correlations`. If the simulation
    uses Euler's method, the theory is that of the Euler map with the same step instead of continuous time, since the
    difference between the two exceeds the statistical errors.

    Parameters
    ----------
    activation, gain, noise, activity : as for `simulated_correlations`
    size : number of units N; by default N → ∞ in theory and 400 in simulations
    simulate : whether to simulate as well
    key : an integer or a JAX key, of the simulation and of the reduced model of the theory
    progress : as for `simulated_correlations`
    **options : ``placement``, ``self_coupling`` and ``dynamic``, as for `simulated_correlations`; ``dt``, the Euler
        step of theory and simulation in units of τ, by default continuous time, or 0.1 with a simulation of runs;
        ``order``, ``covariance`` and ``samples``, as for `theory.correlations`; ``networks``, ``draws``, ``weights``,
        ``discard``, ``snapshots`` and ``every``, as for `simulated_correlations`

    Raises
    ------
    InputError : as for `theory.correlations` and `simulated_correlations`; a simulation of long-window covariances
        that are not those of fixed points.

    Returns
    -------
    Dataset as returned by `theory.correlations`; with a simulation also ``simulated_variance``,
    ``simulated_covariance_variance`` and ``simulated_participation_dimension``, each with ``…_se``,
    ``simulated_failed``, ``simulated_unstable``, and ``simulated_stationary``, whether the runs of all networks are
    stationary

    See Also
    --------
    theory.correlations : Theory alone.
    simulated_correlations : Simulations alone, without bias from finite samples.
    theory.predicted_covariance : Every entry of C of one given network in frozen noise.
    analysis.network_correlations : Covariances and dimension of one given network, by theory or simulation.

    Examples
    --------
    >>> import noisette as nz
    >>> frozen = nz.Frozen(1.0)
    >>> data = correlations(nz.activations.tanh, [0.5, 0.8], frozen, 60, simulate=True, networks=10, draws=60)
    >>> difference = abs(data.simulated_variance - data.variance)
    >>> bool((difference < 4 * data.simulated_variance_se + 0.03).all())
    True

    References
    ----------
    Mato, Rigatuso & Torroba (2026) [mato2026].
    """
    size = None if size is None else integer(size, "size")
    for name in ("samples", "networks", "draws", "snapshots"):
        integer(options.get(name, 1), name)
    dynamic = options.get("dynamic", False) or not is_frozen(noise)
    require(
        not (simulate and dynamic and options.get("covariance") == "long-window"),
        "a simulation of long-window covariances of a network that is not at fixed points",
        "equal-time covariances are simulated",
        "use the Covariance probe with a window",
    )
    common: dict[str, Any] = {name: value for name, value in options.items() if name in ModelOptions.__annotations__}
    common["activity"] = activity
    if simulate and dynamic:
        common["dt"] = DT if common.get("dt") is None else common["dt"]
    reduced: dict[str, Any] = {name: value for name, value in options.items() if name in THEORY_OPTIONS}
    data = theory.correlations(activation, gain, noise, size, key=as_key(key), **reduced, **common)
    if not simulate:
        return data
    sampled: dict[str, Any] = {n: v for n, v in options.items() if n not in THEORY_OPTIONS and n not in common}
    measured = simulated_correlations(activation, gain, noise, size, key=key, progress=progress, **sampled, **common)
    names = [*(f"{name}{end}" for name in STATISTICS for end in ("", "_se")), "failed", "unstable"]
    combined = data.assign({f"simulated_{name}": measured[name] for name in names})
    combined["simulated_stationary"] = measured.stationary.all("network")
    attrs = {f"simulated_{name}": measured.attrs[name] for name in ("estimator", "configuration")}
    return combined.assign_attrs(attrs | seed_entry(key) | {"method": "mean-field, and simulated"})


__all__ = ["correlations", "simulated_correlations"]

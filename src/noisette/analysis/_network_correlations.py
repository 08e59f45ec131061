"""Covariances and dimension of one given network: by linear equivalence where it is valid, by simulation elsewhere."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from noisette import theory
from noisette.activations import Activation, tanh
from noisette.analysis._correlations import DT, STATISTICS, simulated_correlations
from noisette.analysis._options import Activity, Progress, seed_entry
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import InputError, integer, real_array, require
from noisette.keys import KeyLike, as_key
from noisette.networks import RateNetwork
from noisette.noise import Frozen, Noise
from noisette.provenance import provenance
from noisette.simulation._fixed_points import is_frozen
from noisette.weights import square

LARGEST = 2000  # number of units up to which matrices are inverted
DRAWS = 300


@check_arguments
@public_call
def network_correlations(
    weights: ArrayLike,
    gain: ArrayLike = 1.0,
    noise: Noise | None = Frozen(1.0),  # noqa: B008
    *,
    activation: Activation = tanh,
    activity: Activity = "current",
    method: Literal["auto", "theory", "simulated", "both"] = "auto",
    draws: int = DRAWS,
    dt: float | None = None,
    key: KeyLike = 0,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Covariances and dimension of the activity of one network with given weights, at one or more gains.

    .. math:: D = \\frac{(\\mathrm{tr}\\, C)^2}{N\\, \\mathrm{tr}\\, C^2}

    In frozen noise, linear equivalence predicts all covariances (`theory.predicted_covariance`), and states whether
    the prediction is valid for these weights. Where it is not, in other noise and for more than 2000 units, independent
    runs are simulated, as by `simulated_correlations` with ``dynamic=True``.

    Parameters
    ----------
    weights : W, shape (N, N)
    gain : g, one or more values
    noise : any noise, or None
    activation : φ
    activity : "current" x or "rate" φ(x)
    method : "auto"; "theory", which requires frozen noise; "simulated"; or "both"
    draws : number of simulated runs at each gain, with independent noise
    dt : time step of the runs, in units of τ; 0.1 by default
    key : an integer or a JAX key, for starts and noise of the runs
    progress : called with (done, total), counting gains

    Returns
    -------
    Dataset over ``gain`` with the prediction, ``variance`` tr C/N, ``covariance_variance`` N ⟨C_ij²⟩ and
    ``participation_dimension`` D, NaN where there is none; ``valid``; ``invalid``, the reason for which it is not valid
    or missing; and where runs are simulated ``simulated_…`` with standard errors ``simulated_…_se``, NaN elsewhere. The
    attributes ``reason`` and ``alternative`` state which method was used, and why

    Raises
    ------
    InputError : an unknown method, theory of noise that is not frozen or of a network without a stable fixed point;
        invalid arguments of `simulated_correlations`.

    See Also
    --------
    correlations : Theory, and on request simulations, of random networks against the gain.
    theory.correlations : Theory alone.
    simulated_correlations : Simulations alone, without bias from finite samples.
    theory.predicted_covariance : Every entry of C of one given network in frozen noise.
    Covariance : The covariance matrix of your own simulation.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> W = nz.weights.gaussian(200, 200**-0.5, key=jax.random.key(0))
    >>> data = network_correlations(W, 0.8)
    >>> round(float(data.participation_dimension[0]), 2), bool(data.valid[0]), data.method
    (0.64, True, 'mean-field')

    References
    ----------
    Clark, Abbott & Litwin-Kumar (2023) [clark2023]; Mato, Rigatuso & Torroba (2026) [mato2026].
    """
    matrix, gains = square(weights), np.atleast_1d(real_array(gain, "gain"))
    require(gains.ndim == 1 and gains.size > 0, f"gain of shape {gains.shape}", "a number, or a list of numbers")
    draws, dt = integer(draws, "draws", None), DT if dt is None else dt
    as_key(key)
    rows = []

    def simulate_at(g: float) -> dict[str, float]:
        options: Any = {"weights": matrix, "draws": draws, "dt": dt, "dynamic": True, "activity": activity}
        data = simulated_correlations(activation, g, noise, key=key, **options)
        return {f"simulated_{name}{end}": float(data[f"{name}{end}"]) for name in STATISTICS for end in ("", "_se")}

    for i, g in enumerate(gains):
        network = RateNetwork(matrix, float(g), activation=activation, noise=noise)
        rows.append(_at_gain(network, activity, method, lambda g=float(g): simulate_at(g)))
        if callable(progress):
            progress(i + 1, len(gains))
    data = _table(gains, rows)
    configuration = {
        **{"weights": matrix, "gain": gains, "noise": noise, "activation": activation, "activity": activity},
        **{"method": method, "draws": draws, "dt": dt, "key": key},
    }
    kinds = {"theory": bool(np.isfinite(data.variance).any()), "simulation": "simulated_variance" in data}
    name = ", and ".join(
        text for text, used in (("mean-field", kinds["theory"]), ("simulated", kinds["simulation"])) if used
    )
    reason, alternative = _explanation(data, noise, len(matrix), method)
    attrs = provenance(name, "one network", ("clark2023", "mato2026"), configuration, **seed_entry(key))
    return data.assign_attrs(attrs | {"reason": reason, "alternative": alternative, "size": len(matrix)})


def _at_gain(
    network: RateNetwork, activity: Activity, method: str, simulate_at: Callable[[], dict[str, float]]
) -> dict[str, Any]:
    """Return prediction and simulation of one network."""
    row: dict[str, Any] = {**dict.fromkeys(STATISTICS, np.nan), "valid": False, "invalid": ""}
    frozen = is_frozen(network.noise) and network.noise is not None
    if method in ("theory", "both") or (method == "auto" and frozen and network.size <= LARGEST):
        try:
            predicted = theory.predicted_covariance(network, activity=activity, sites="own")
        except InputError as error:
            if method == "theory":
                raise
            row["invalid"] = str(error).split(";")[0]
        else:
            row |= {name: float(predicted[name]) for name in STATISTICS}
            row |= {"valid": bool(predicted.valid), "invalid": str(predicted.reason.values)}
    elif method == "auto":
        many = f"{network.size} units, and matrices are inverted up to {LARGEST} units"
        row["invalid"] = many if frozen else "the theory of one network requires frozen noise"
    if method in ("simulated", "both") or (method == "auto" and not row["valid"]):
        row |= simulate_at()
    return row


def _table(gains: np.ndarray, rows: list[dict[str, Any]]) -> xr.Dataset:
    """Return the results over gains."""
    variables: dict[str, Any] = {}
    for name, text in STATISTICS.items():
        variables[name] = ("gain", [row[name] for row in rows], {"long_name": text})
        for end, label in (("", text), ("_se", f"standard error of {text}")):
            full = f"simulated_{name}{end}"
            if any(full in row for row in rows):
                variables[full] = ("gain", [row.get(full, np.nan) for row in rows], {"long_name": label})
    variables["valid"] = ("gain", [row["valid"] for row in rows])
    variables["invalid"] = ("gain", np.array([row["invalid"] for row in rows], dtype=object).astype(str))
    return xr.Dataset(variables, {"gain": ("gain", gains, {"long_name": "gain g", "units": "1"})})


def _explanation(data: xr.Dataset, noise: Noise | None, size: int, method: str) -> tuple[str, str]:
    """Return which method was used and why, and what another requires."""
    if method != "auto":
        return f"As requested: method {method}.", "Method auto chooses by size, noise and validity."
    valid = data.valid.values
    if valid.all():
        reason = f"Theory of this network (linear equivalence) for all {size} units, valid at every gain."
        return reason, "For a simulation as well, use method both."
    texts = dict.fromkeys(str(text).split(";")[0] for text in data.invalid.values[~valid] if str(text))
    where = "every gain" if not valid.any() else f"gain {', '.join(f'{g:g}' for g in data.gain.values[~valid])}"
    reason = f"Simulated at {where}: {'; '.join(texts)}."
    needed = "frozen noise" if noise is None or not is_frozen(noise) else "weaker gains"
    return reason, f"The theory requires {needed} and at most {LARGEST} units."


__all__ = ["network_correlations"]

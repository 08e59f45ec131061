"""Measures of one network by name, for studies that are written as text."""

from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np
import xarray as xr
from jaxtyping import PRNGKeyArray

from noisette import probes as available
from noisette.analysis._dimension import participation_dimension
from noisette.analysis._lyapunov import lyapunov_spectrum
from noisette.analysis._options import Estimator, SolverName, TimeStep
from noisette.analysis._resonance import resonance
from noisette.errors import InputError, require
from noisette.networks import BinaryNetwork, NetworkLike
from noisette.probes import PROBES, Covariance, Probe
from noisette.simulation import simulate
from noisette.simulation._options import keyword_names


def simulated(
    network: NetworkLike,
    *,
    key: PRNGKeyArray,
    probes: Mapping[str, Mapping[str, Any]],
    steps: int | None = None,
    duration: float | None = None,
    dt: TimeStep | None = None,
    solver: SolverName = "euler",
    start: str | float | int | None = None,
    final: bool = False,
) -> xr.Dataset:
    """Simulate one trial and return what probes measured.

    Parameters
    ----------
    network : any
    key : random key
    probes : their names (see `PROBES`) and arguments, as in ``{"Lyapunov": {"k": 2}, "Speed": {}}``
    steps, duration, dt, solver, start : as for `noisette.simulate`
    final : whether to keep the last state, too

    Examples
    --------
    >>> import jax, noisette as nz
    >>> network = nz.RateNetwork([[0.0]], noise=nz.White(0.1))
    >>> found = simulated(network, key=jax.random.key(0), probes={"Speed": {}}, duration=5, dt=0.1)
    >>> "kinetic_energy" in found, "run" in found.dims
    (True, False)
    """
    built = [probe_named(name, **arguments) for name, arguments in probes.items()]
    found = simulate(
        network, steps, built, key=key, duration=duration, dt=dt, solver=solver, start=start, warn=False
    ).isel(run=0, drop=True)
    found = _measured(found)
    return found if final else found.drop_vars("final").pipe(_without_empty)


SUMMARIES = ("kaplan_yorke", "kaplan_yorke_se", "entropy", "entropy_se", "lyapunov_se")


def _measured(data: xr.Dataset) -> xr.Dataset:
    """Leave out summaries of exponents that were not measured: trials too short, or too few exponents, for them.

    A study counts points with values that are not finite as failed.
    """
    lacking = [name for name in SUMMARIES if name in data and not np.isfinite(data[name].values).all()]
    return data.drop_vars(lacking) if np.isfinite(data.get("lyapunov", 0.0)).all() else data


def _without_empty(data: xr.Dataset) -> xr.Dataset:
    used = {dim for one in data.data_vars.values() for dim in one.dims}
    return data.drop_vars([name for name, one in data.coords.items() if not set(one.dims) <= used])


def probe_named(name: str, **arguments: Any) -> Probe:
    """Return the probe of a name, with arguments.

    Examples
    --------
    >>> probe_named("Lyapunov", k=3).k
    3
    """
    require(name in PROBES, f"probe {name!r} is unknown", f"probes are {', '.join(PROBES)}")
    maker = getattr(available, name)
    return maker(**accepted(maker, arguments, f"probe {name}"))


def accepted(maker: Callable[..., Any], arguments: Mapping[str, Any], what: str) -> dict[str, Any]:
    """Return arguments, after refusing those that a function does not have."""
    known = [name for name in keyword_names(maker) if name not in ("self", "network", "key", "progress")]
    for name in arguments:
        require(name in known, f"{what} has no {name!r}", f"it has {', '.join(known)}")
    return dict(arguments)


def exponents(network: NetworkLike, *, key: PRNGKeyArray, **options: Any) -> xr.Dataset:
    """Return Lyapunov exponents, with standard errors where trials are long enough; options as `lyapunov_spectrum`.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> found = exponents(nz.RateNetwork([[0.0]]), key=jax.random.key(0), duration=5, discard=0, dt=0.1)
    >>> float(found.lyapunov[0].round(4))
    -1.0536
    """
    found = lyapunov_spectrum(network, key=key, warn=False, **options).drop_vars(["lyapunov_running", "share"])
    if found.sizes["exponent"] < network.size:  # they need not determine the dimension
        found = found.drop_vars(["kaplan_yorke", "kaplan_yorke_se"])
    return _measured(found.isel(run=0, drop=True) if "run" in found.dims else found)


def dimension(
    network: NetworkLike,
    *,
    key: PRNGKeyArray,
    duration: float | None = None,
    steps: int | None = None,
    dt: TimeStep | None = None,
    every: int = 10,
    discard: int = 0,
    of: str = "current",
) -> dict[str, float]:
    """Return the participation dimension, per unit, of the covariance of one trial, and the mean variance.

    Parameters
    ----------
    network : any
    key : random key
    duration, steps, dt : as for `noisette.simulate`
    every, discard, of : as for the probe `Covariance`

    Examples
    --------
    >>> import jax, noisette as nz
    >>> network = nz.RateNetwork([[0.0, 0.0], [0.0, 0.0]], noise=nz.White(1.0))
    >>> found = dimension(network, key=jax.random.key(0), duration=4000, dt=0.1)
    >>> round(found["dimension"], 1), round(found["variance"], 1)
    (1.0, 0.5)
    """
    probe = Covariance(every=every, discard=discard, of=of)
    found = simulate(network, steps, probe, key=key, duration=duration, dt=dt, warn=False).covariance.values[0]
    return {"dimension": participation_dimension(found), "variance": float(found.diagonal().mean())}


def of_successive_states(
    network: BinaryNetwork,
    *,
    key: PRNGKeyArray,
    noise: float = 1.0,
    steps: int = 10_000,
    estimator: Estimator = "fixed-start",
    start: int | str = 0,
    runs: int = 20,
) -> xr.Dataset:
    """Return entropy, mutual information and divergence of successive states of a binary network, in bits.

    Parameters
    ----------
    network : of units of ±1
    key : random key, for simulated estimators
    noise : r, strength of the noise in units of the network's own
    steps, estimator, start, runs : as for `resonance`

    Examples
    --------
    >>> import jax, noisette as nz
    >>> found = of_successive_states(nz.Boltzmann(nz.weights.autapses(10)), key=jax.random.key(0), noise=4.0)
    >>> round(float(found.information), 2)
    4.54
    """
    if not isinstance(network, BinaryNetwork):
        raise InputError(f"resonance of a {type(network).__name__}; it is of binary networks: boltzmann or sign")
    seed = int(jax.random.bits(key, dtype="uint32") >> 1)
    found = resonance(network, [noise], steps, start, estimator, runs=runs, key=seed)
    return found.isel(noise=0, drop=True)


Measure = Callable[..., Any]
MEASURES: dict[str, tuple[Measure, Measure, str]] = {
    "simulate": (simulated, simulated, "one trial, and what probes make of it"),
    "lyapunov": (exponents, lyapunov_spectrum, "the largest Lyapunov exponents"),
    "dimension": (dimension, dimension, "participation dimension and variance of the activity of one trial"),
    "resonance": (of_successive_states, of_successive_states, "entropy, information, divergence of binary networks"),
}

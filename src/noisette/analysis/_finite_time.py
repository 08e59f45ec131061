"""Finite-time Lyapunov exponents: their distribution over windows of a given length."""

import json
from typing import Any, Unpack

import numpy as np
import xarray as xr

from noisette.analysis._lyapunov import lyapunov_spectrum
from noisette.analysis._options import TimeStep
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import integer, real_number, require
from noisette.keys import KeyLike
from noisette.networks import NetworkLike, as_network
from noisette.provenance import provenance
from noisette.simulation import TrialOptions

WINDOWS = 100  # per run: the number of blocks in which the probe `Lyapunov` records its sums
FEWEST = 20  # smallest number of windows of which a variance is computed


@check_arguments
@public_call
def finite_time_exponents(
    network: NetworkLike,
    length: float,
    exponents: int = 1,
    *,
    key: KeyLike,
    discard: float = 100.0,
    dt: TimeStep | None = None,
    **options: Unpack[TrialOptions],
) -> xr.Dataset:
    """Measure the distribution of Lyapunov exponents over windows of a given length, and how its width decreases.

    .. math:: \\lambda_i(T; t) = \\frac1T \\ln \\frac{|\\text{volume}_i(t + T)|}{|\\text{volume}_i(t)|}, \\qquad
       T \\, \\mathrm{Var}\\, \\lambda_i(T) \\to D_i \\quad (T \\to \\infty)

    where volume_i is the ratio of the volumes of i and i − 1 tangent vectors, the growth factor R_ii of `Lyapunov`. If
    growth has a finite correlation time, the probability of λ(T) obeys a large-deviation principle, whose parabolic
    approximation is a Gaussian of variance D/T. If D is of the order of λ² T, trajectories that meet on average
    separate now and then (on–off intermittency).

    Parameters
    ----------
    network : a network or a trained network
    length : T, length of a window, in the network's unit of time, or in steps for networks in discrete time; at least
        10 steps
    exponents : number of exponents
    key : an integer or a JAX key
    discard : transient to discard, in the same unit
    dt : time step, as for `simulate`
    **options : ``runs``, the number of independent runs of 100 windows each (1); ``start``, ``inputs``, ``solver``,
        ``warn`` and ``progress``, as for `simulate`

    Returns
    -------
    Dataset with ``finite_time_exponent`` (run, window, exponent), 100 successive windows of each run; ``lyapunov``, the
    mean, with ``lyapunov_se``; and, over ``length``, T, 2T, 4T, … up to the longest with 20 windows, the ``variance``
    over windows and ``diffusion``, D = T · variance, with ``diffusion_se`` for independent windows

    Raises
    ------
    InputError : windows shorter than 10 steps, invalid arguments of `lyapunov_spectrum`.

    See Also
    --------
    analysis.exponents_between : The exponents of one part of a simulation.
    lyapunov_spectrum : One or many exponents of given networks, with standard errors, dimension and entropy rate.
    analysis.covariant_vectors : The directions to which exponents belong, and their local growth rates.

    Examples
    --------
    >>> import jax.numpy as jnp, noisette as nz
    >>> motion = nz.networks.Flow(lambda x: -x, 1, nz.White(0.5), scale=lambda x: x)  # λ = −1 − σ²/2, D = σ²
    >>> data = finite_time_exponents(motion, 1.0, dt=0.01, discard=0, runs=20, start=1.0, key=0)
    >>> round(float(data.lyapunov[0]), 1), round(float(data.diffusion[0, 0]), 2)
    (-1.1, 0.25)

    References
    ----------
    Grassberger, Badii & Politi (1988), Journal of Statistical Physics 51:135; Pikovsky & Politi (2016), Lyapunov
    Exponents, chapter 5.
    """
    network = as_network(network)
    number = integer(exponents, "exponents")
    window = real_number(length, "length", "a time above zero", lambda time: 0 < time < np.inf)
    transient = real_number(discard, "discard", "a time of zero or more", lambda time: 0 <= time < np.inf)
    duration = transient + WINDOWS * window
    run = lyapunov_spectrum(network, number, key=key, duration=duration, discard=transient, dt=dt, **options)
    run = run if "run" in run.dims else run.expand_dims("run")
    run = run.isel(network=0) if "network" in run.dims else run
    shares = run.share.values
    require(len(shares) == WINDOWS, f"windows of length {window:g}", "at least 10 steps", "give longer windows")
    sums = run.lyapunov_running.transpose("run", "share", "exponent").values * shares[:, None]
    rates = np.diff(sums, axis=1, prepend=0.0) * WINDOWS
    unit = run.lyapunov.attrs["units"]
    data = _moments(rates, window, unit)
    time_unit = unit.removeprefix("1/")
    data.length.attrs.update(long_name="length of the windows", units=time_unit)
    arguments = {"length": window, "exponents": number, "discard": transient, "duration": duration}
    configuration = json.loads(run.attrs["configuration"]) | arguments
    return data.assign_attrs(provenance("simulated", "single-run", (), configuration))


def _moments(rates: np.ndarray, window: float, unit: str) -> xr.Dataset:
    """Return mean, variance and diffusion of rates of shape (runs, windows, exponents)."""
    runs = len(rates)
    columns: dict[str, Any] = {"length": [], "variance": [], "diffusion": [], "diffusion_se": []}
    joined = 1
    while runs * (WINDOWS // joined) >= FEWEST:
        kept = WINDOWS // joined * joined
        longer = rates[:, :kept].reshape(runs, -1, joined, rates.shape[-1]).mean(2).reshape(-1, rates.shape[-1])
        variance = longer.var(axis=0, ddof=1)
        length = joined * window
        columns["length"].append(length)
        columns["variance"].append(variance)
        columns["diffusion"].append(length * variance)
        columns["diffusion_se"].append(length * variance * np.sqrt(2 / (len(longer) - 1)))
        joined *= 2
    # the longest windows, whose correlations are weakest, determine the error of the mean
    mean = rates.mean((0, 1))
    error = np.sqrt(columns["diffusion"][-1] / (runs * WINDOWS * window))
    dims, square = ("length", "exponent"), f"({unit})²"
    return xr.Dataset(
        {
            "finite_time_exponent": (
                ("run", "window", "exponent"),
                rates,
                {"long_name": "exponents over windows", "units": unit},
            ),
            "lyapunov": ("exponent", mean, {"long_name": "Lyapunov exponents", "units": unit}),
            "lyapunov_se": ("exponent", error, {"long_name": "standard error of the exponents", "units": unit}),
            "variance": (dims, np.array(columns["variance"]), {"long_name": "variance over windows", "units": square}),
            "diffusion": (dims, np.array(columns["diffusion"]), {"long_name": "D = T Var λ(T)", "units": unit}),
            "diffusion_se": (dims, np.array(columns["diffusion_se"]), {"long_name": "standard error", "units": unit}),
        },
        {"length": columns["length"], "exponent": np.arange(rates.shape[-1])},
    )


__all__ = ["finite_time_exponents"]

def kaplan_yorke(exponents: Float[np.ndarray, " N"]) -> float:
    """Return the Kaplan–Yorke dimension of a spectrum of Lyapunov exponents.

    .. math:: D_{KY} = j + \\frac{\\sum_{i \\le j} \\lambda_i}{|\\lambda_{j+1}|},
       \\quad j = \\text{the last with } \\sum_{i \\le j} \\lambda_i \\ge 0

    Parameters
    ----------
    exponents : λ in descending order. NaN if they are too few for the sum to become negative

    Examples
    --------
    >>> import numpy as np
    >>> round(kaplan_yorke(np.array([0.4192, -1.6232])), 4)  # Hénon
    1.2583
    """
    ordered = np.sort(np.asarray(exponents, float))[::-1]
    sums = np.cumsum(ordered)
    negative = np.flatnonzero(sums < 0)
    if len(negative) == 0 or np.isnan(sums).any():
        return float("nan")
    j = int(negative[0])
    return 0.0 if j == 0 else float(j + sums[j - 1] / abs(ordered[j]))


def lyapunov_spectrum(
    network: Any,
    k: int = 1,
    *,
    duration: float = 300.0,
    discard: float = 100.0,
    dt: float | str | None = None,
    solver: str = "euler",
    every: int = 10,
    start: Any = None,
    runs: int = 1,
    warn: bool = True,
    key: PRNGKeyArray,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Measure the k largest Lyapunov exponents of a network, or of several.

    Parameters
    ----------
    network : a network, or a sequence of them (dimension ``network``)
    k : number of exponents; all N of them give the Kaplan–Yorke dimension and the entropy rate too
    duration, discard : whole length and what is not counted of it, in the network's time; steps if it is discrete
    dt, solver, start, warn : as for `simulate`
    every : steps between two orthonormalisations
    runs : trials from different starts (dimension ``run``, absent for one)
    key : random key

    Returns
    -------
    Dataset with ``lyapunov`` (exponent), ``kaplan_yorke`` and ``entropy`` (Σ of the positive ones, in nats per
    time, a bound on the Kolmogorov–Sinai entropy). The first is NaN, the second too small, if k is too small to
    reach negative sums, or exponents.

    Raises
    ------
    InputError : a duration not longer than what is discarded; what `simulate` and `Lyapunov` refuse.

    Examples
    --------
    >>> import jax, jax.numpy as jnp, noisette as nz
    >>> henon = nz.networks.Map(lambda s: jnp.array([1 - 1.4 * s[0] ** 2 + s[1], 0.3 * s[0]]), 2)
    >>> found = nz.lyapunov_spectrum(henon, 2, duration=20_000, start=[0.1, 0.1], key=jax.random.key(0))
    >>> round(float(found.lyapunov.sum()), 6)  # ln 0.3
    -1.203973
    """
    _longer(duration, discard)
    first = network[0] if isinstance(network, Sequence) else network
    timing: dict[str, Any] = {"steps": int(duration)}
    if isinstance(first, ContinuousNetwork):
        timing = {"duration": duration, "dt": dt, "solver": solver}
    probe = Lyapunov(k, every, float(discard))
    found = simulate(network, probes=probe, key=key, start=start, runs=runs, warn=warn, progress=progress, **timing)
    exponents = found.lyapunov.values
    dims = found.lyapunov.dims[:-1]
    found["kaplan_yorke"] = (dims, np.apply_along_axis(kaplan_yorke, -1, exponents))
    found["entropy"] = (dims, np.maximum(exponents, 0.0).sum(-1))
    found.kaplan_yorke.attrs.update(long_name="Kaplan–Yorke dimension", units="1")
    found.entropy.attrs.update(long_name="sum of positive exponents", units=f"nat·{found.lyapunov.attrs['units']}")
    return found.isel(run=0) if runs == 1 else found



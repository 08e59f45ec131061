"""Mean-field theory of correlated weights of the two directions: `reciprocal_mean_field`.

If W_ij and W_ji have the correlation κ, the rate of a unit returns to it through each of its partners (Martí, Brunel &
Ostojic 2018; Crisanti & Sompolinsky 1987 for symmetric weights). The process is not Gaussian, and its paths are sampled
(`_sampled`). Errors are found from independent batches of paths.
"""

from dataclasses import replace

import jax
import numpy as np
import xarray as xr
from jaxtyping import Array, PRNGKeyArray
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import integer, real_array, require
from noisette.networks import Populations
from noisette.noise import NO_NOISE
from noisette.progress import ProgressLike
from noisette.provenance import provenance
from noisette.theory.dmft import Places
from noisette.theory.populations._mean_field import NAMES, configuration, described, model_of_gain, one_gain
from noisette.theory.populations._sampled import Paths, Sampling, has_decayed, sampling_of, solved
from noisette.theory.populations._sampled_exponent import sampled_exponents
from noisette.theory.populations._stationary import too_slow

BATCHES = 8
LONGER = (1, 2, 2)  # factors of the window while fluctuations decay too slowly


@check_arguments
@public_call
def reciprocal_mean_field(
    populations: Populations,
    gain: ArrayLike = 1.0,
    lags: ArrayLike | Array | None = None,
    *,
    samples: int = 1000,
    exponent: bool = False,
    key: PRNGKeyArray,
    progress: ProgressLike = None,
) -> xr.Dataset:
    """Stationary activity of a large random network with correlated weights of the two directions, N → ∞.

    .. math:: \\tau_p \\dot x_p = -x_p + \\mu_p + \\eta_p
       + \\sum_q F_{pq} \\int S_q(t-t')\\, \\phi_p(x_p(t'))\\, dt' + \\xi_p, \\qquad
       F_{pq} = g^2 \\kappa_{pq} \\sqrt{V_{pq} V_{qp} f_q / f_p}, \\quad
       S_q(t-t') = \\langle \\partial \\phi_q(t) / \\partial \\eta_q(t') \\rangle

    with μ_p = b_p + g Σ M_pq ⟨φ_q⟩ and ⟨η_p η_p'⟩ = g² Σ V_pq ⟨φ_q φ_q'⟩. The equations are solved by sampling paths,
    with errors of the sampling, which are returned, and of the step of a tenth of the shortest time constant. They
    assume a stationary state that does not depend on its start: for κ near 1, activity settles at one of many fixed
    points or ages, and the iteration does not converge. The exponent is that of the distance of two trajectories of
    one network; growth of the means is not included. Exponents of finite networks are smaller: at g = 2 and κ = −.3
    those of 600 and 1200 units are .011 and .024, and this theory gives .048.

    Parameters
    ----------
    populations : ensemble of weights with the correlations κ_pq of the two directions, see `ensembles.reciprocal` and
        the argument ``reciprocity`` of `ensembles.Blocks`; activations, time constants, biases, noise on the current
    gain : g
    lags : τ of the autocovariances, in the unit of the time constants; None for none
    samples : number of paths of each population, in eight batches
    exponent : whether to compute the largest Lyapunov exponent, which takes as long as the rest
    key : random key of the paths
    progress : True to show a bar, or a function called with (iterations done, most iterations)

    Raises
    ------
    InputError : If weights have a part of low rank, noise is not on the current or has no autocovariance, fluctuations
        decay too slowly, or the iteration does not converge.

    Returns
    -------
    Dataset with ``mean`` μ, ``variance`` v, ``variance_of_means`` k, ``rate`` ⟨φ⟩ and ``rate_square`` ⟨φ²⟩ over
    ``population`` and ``lyapunov`` λ (1/tau), all with ``…_se`` over the batches; the ``response`` S over
    ``population`` and ``delay``; and the autocovariances of `theory.population_mean_field` if lags are given

    See Also
    --------
    theory.population_mean_field : Independent weights, without sampling.
    ensembles.reciprocal : Matrices of such weights.
    analysis.population_activity : Simulated networks.

    Examples
    --------
    >>> import noisette as nz
    >>> ensemble = nz.ensembles.reciprocal(500, -1.0)
    >>> linear = nz.networks.Populations(ensemble, nz.activations.linear, noise=nz.White(1.0))
    >>> data = reciprocal_mean_field(linear, 0.5, samples=400, key=0)
    >>> bool(abs(data.variance[0] - 0.5) < 0.04)  # antisymmetric weights do not change the variance of linear units
    True

    References
    ----------
    Martí, Brunel & Ostojic (2018) [marti2018]; Crisanti & Sompolinsky (1987) [crisanti1987].
    """
    g, count = one_gain(gain), integer(samples, "samples", BATCHES)
    sampling = _sampling(populations, g)
    times = np.zeros(0) if lags is None else np.abs(real_array(lags, "lags").reshape(-1))
    longest = sampling.dt * sampling.window / 2  # of the first window
    require(bool((times <= longest).all()), f"lags up to {times.max(initial=0.0):g}", f"at most {longest:g}")
    keys = jax.random.split(key, BATCHES)
    for factor in LONGER:
        sampling = replace(sampling, window=factor * sampling.window)
        paths = solved(sampling, keys, -(-count // BATCHES), progress)
        if has_decayed(sampling, paths):
            break
    else:
        raise too_slow(sampling.dt * sampling.window / 2)
    data = _dataset(sampling, paths)
    if exponent:
        rates = sampled_exponents(sampling, paths, jax.vmap(lambda key: jax.random.fold_in(key, 1))(keys))
        data = data.assign(_with_error("lyapunov", rates, ()))
        data["lyapunov_se"].attrs["units"] = "1/tau"
    if lags is not None:
        data = data.assign(_over_lags(sampling, paths, times))
        data = data.assign_coords(lag=("lag", real_array(lags, "lags").reshape(-1)))
    arguments = {"gain": g, "samples": count, "dt": sampling.dt, **configuration(populations)}
    return described(data, provenance("mean-field", "stationary", ("marti2018", "crisanti1987"), arguments))


def _sampling(populations: Populations, gain: float) -> Sampling:
    """Return the equations; raise if the theory does not apply."""
    model = model_of_gain(populations, gain)
    require(model.rank == 0, "weights with a part of low rank and reciprocity", "one of the two", "simulate a network")
    elsewhere = any(place._replace(current=NO_NOISE) != Places() for place in model.places)
    require(not elsewhere, "noise that is not on the current with reciprocity", "noise on the current", "simulate")
    return sampling_of(model, populations.activations)


def _dataset(sampling: Sampling, paths: Paths) -> xr.Dataset:
    """Return averages over paths with their errors, and the response."""
    mean = np.asarray(paths.x.mean((2, 3)))
    rates = np.asarray(jax.vmap(sampling.rates)(paths.x).mean((2, 3)))
    current, lasting = np.asarray(paths.current), np.asarray(sampling.limit(paths.current))
    # without fluctuations of the means over units, the limit is zero
    lasting = lasting if sampling.vanishing else lasting - mean**2
    over, values = ("population",), {"mean": mean, "variance": current[..., 0] - mean**2, "variance_of_means": lasting}
    values |= {"rate": rates, "rate_square": np.asarray(paths.product)[..., 0]}
    data = xr.Dataset({"response": ((*over, "delay"), np.asarray(paths.response).mean(0))})
    for name, batches in values.items():
        data = data.assign(_with_error(name, batches, over))
    data["response"].attrs.update(long_name="S, response of the rate to the input", units="1/tau")
    delays = ("delay", sampling.dt * np.arange(sampling.kernel), {"long_name": "delay", "units": "tau"})
    return data.assign_coords(delay=delays, population=np.arange(sampling.model.populations))


def _with_error(name: str, batches: np.ndarray, dims: tuple[str, ...]) -> dict[str, xr.Variable]:
    """Return the mean over batches and its standard error."""
    error = batches.std(0, ddof=1) / np.sqrt(len(batches))
    text = NAMES[name]
    return {
        name: xr.Variable(dims, batches.mean(0), {"long_name": text}),
        f"{name}_se": xr.Variable(dims, error, {"long_name": f"standard error of {text}"}),
    }


def _over_lags(sampling: Sampling, paths: Paths, times: np.ndarray) -> dict[str, xr.Variable]:
    """Return the autocovariances about the mean of each unit over time."""
    grid, dims = sampling.dt * np.arange(sampling.window // 2 + 1), ("population", "lag")
    variables = {}
    for name, halves in (("current_autocovariance", paths.current), ("rate_autocovariance", paths.product)):
        rows = np.asarray(halves - sampling.limit(halves)[..., None]).mean(0)
        variables[name] = xr.Variable(dims, [np.interp(times, grid, row) for row in rows])
    return variables


__all__ = ["reciprocal_mean_field"]

"""Weights and biases of a synchronous binary network from its states, by maximum likelihood.

Given the states s(t), the units of s(t + 1) are independent, so that the likelihood is that of N logistic regressions
on the same regressors s(t) and 1. The entropy rate follows from the same fit: at the maximum, where Σ_t s(t)(y(t) −
p(t)) is zero, −log L equals the sum of the entropies of the predicted probabilities. On average it is too low by half a
nat per coefficient, because the coefficients are fitted to the same states (Wilks); this is added.
"""

from typing import Any

import numpy as np
import scipy.stats
import xarray as xr
from numpy.typing import ArrayLike

from noisette.analysis.inference._logistic import Regression, regress
from noisette.analysis.inference._trials import Trials, as_trials, block_labels, named
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import real_number, require
from noisette.progress import ProgressLike
from noisette.provenance import provenance

BLOCKS = 50  # number of blocks for the standard error of the entropy rate
FEWEST_BLOCKS = 8
REFERENCES = ("roudi2011",)


@check_arguments
@public_call
def kinetic_ising(
    states: ArrayLike | xr.DataArray,
    *,
    penalty: float = 0.0,
    confidence: float = 0.95,
    progress: ProgressLike = None,
) -> xr.Dataset:
    """Estimate the weights and biases of a synchronous binary network by maximum likelihood, with intervals.

    .. math:: \\log L = \\sum_t \\sum_i \\log \\frac{1}{1 + e^{-s_i(t+1)\\, u_i(t)}}, \\qquad
       u_i(t) = \\sum_j W_{ij} s_j(t) + b_i

    which is the law of a `Boltzmann` network without noise: ``Boltzmann(fit.weights, fit.bias)`` simulates it again.
    The likelihood is concave, with a single maximum. Standard errors are those of the Fisher information. The bias of
    the maximum, of order 1/T and away from zero, is subtracted. In terms of the couplings of Roudi & Hertz (2011),
    where P ∝ exp(s_i h_i), W is twice as large.

    The temperature is part of the weights: states determine the ratio of weights and noise only. The states of a
    network with white noise on its fields give the weights of the noiseless network that is most similar.

    Parameters
    ----------
    states : s = ±1, shape (trials, time, N) or (time, N), one sample for each step of the network. The dimensions of a
        DataArray are used by name, such as ``trace`` of a simulation (run, time, unit)
    penalty : precision λ of a normal prior of the weights, log L − λ/2 Σ W_ij². It makes the maximum finite where
        states are separable, at the cost of a bias towards zero that the intervals do not contain
    confidence : probability of the intervals, each for a single entry
    progress : True, or a callback

    Returns
    -------
    Dataset with ``weights`` W (target, source) and ``bias`` b (unit), each with ``_se``, ``_low`` and ``_high``;
    ``log_likelihood`` (unit), the maximum per step in bits; ``entropy_rate`` of the network in bits per step, without
    bias, with ``entropy_rate_se``

    Raises
    ------
    InputError : states other than ±1, constant units, fewer steps than coefficients; units without a finite maximum,
        which are named: a plane in the space of states separates those after which the unit is on from the others.

    See Also
    --------
    analysis.linear_network : Continuous activity.
    Boltzmann : The network of the given weights.
    theory.markov.measures : Entropies of a network of up to 16 units, exactly.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> network = nz.Boltzmann(nz.weights.gaussian(10, 0.5, key=jax.random.key(0)), bias=0.2)
    >>> run = nz.simulate(network, steps=5000, probes=nz.Trace(), key=0)
    >>> fit = kinetic_ising(run.trace)
    >>> inside = (fit.weights_low <= network.weights) & (network.weights <= fit.weights_high)
    >>> round(float(inside.mean()), 2), round(float(fit.weights_se.mean()), 3)
    (0.94, 0.037)
    >>> nz.Boltzmann(fit.weights, fit.bias).size
    10

    References
    ----------
    Roudi & Hertz (2011) [roudi2011]; McCullagh & Nelder (1989), Generalized Linear Models, section 15.2.
    """
    trials = as_trials(states, "states")
    values = trials.values
    require(
        bool((np.abs(values) == 1).all()),
        f"states with values from {values.min():g} to {values.max():g}",
        "states -1 and 1",
        "convert states of 0 and 1 by 2 * s - 1",
    )
    penalty = real_number(penalty, "penalty", "zero or a positive number", lambda p: 0 <= p < np.inf)
    confidence = real_number(confidence, "confidence", "a probability between 0 and 1", lambda p: 0 < p < 1)
    count, times, size = values.shape
    steps = count * (times - 1)
    require(steps > size + 1, f"{steps} steps of {size} units", f"more than {size + 1}", "record longer")
    before, after = values[:, :-1].reshape(steps, size), values[:, 1:].reshape(steps, size)
    regressors = np.concatenate([before, np.ones((steps, 1))], axis=1)
    precision = np.append(np.full(size, penalty), 0.0)
    fit = regress(regressors, (after > 0).astype(float), precision, progress if callable(progress) else None)
    missing = np.flatnonzero(~fit.converged)
    require(
        len(missing) == 0,
        f"no finite maximum of the likelihood for {named(missing, trials.names)}",
        "after some states these are always on, or always off",
        "record longer, or give a penalty, such as penalty=1",
    )
    settings = {"penalty": penalty, "confidence": confidence, "states": np.asarray(states)}
    attrs = provenance("asymptotic", "maximum-likelihood", REFERENCES, settings, steps=steps)
    labels = block_labels(count, times - 1, BLOCKS).ravel()
    quantile = float(scipy.stats.norm.ppf((1 + confidence) / 2))
    return _dataset(fit, penalty == 0, quantile, labels, trials).assign_attrs(attrs)


def _dataset(fit: Regression, unpenalised: bool, quantile: float, labels: np.ndarray, trials: Trials) -> xr.Dataset:
    """Return estimates, standard errors and intervals."""
    estimates = fit.coefficients - (fit.biases if unpenalised else 0.0)
    size = len(estimates) - 1
    parts = {
        "": ("", estimates),
        "_se": ("standard error of the ", fit.errors),
        "_low": ("lower limit of the ", estimates - quantile * fit.errors),
        "_high": ("upper limit of the ", estimates + quantile * fit.errors),
    }
    columns: dict[str, Any] = {}
    for end, (text, values) in parts.items():
        columns[f"weights{end}"] = (
            ("target", "source"),
            values[:size].T,
            {"long_name": f"{text}weight W", "units": ""},
        )
    for end, (text, values) in parts.items():
        columns[f"bias{end}"] = ("unit", values[size], {"long_name": f"{text}bias b", "units": ""})
    bits = fit.log_likelihood / np.log(2)
    rate, error = _entropy_rate(-bits.sum(1), labels, estimates.size if unpenalised else 0)
    columns["log_likelihood"] = ("unit", bits.mean(0), {"long_name": "log likelihood", "units": "bit/step"})
    columns["entropy_rate"] = ((), rate, {"long_name": "entropy rate", "units": "bit/step"})
    columns["entropy_rate_se"] = ((), error, {"long_name": "standard error of the entropy rate", "units": "bit/step"})
    return xr.Dataset(columns, trials.coords("target", "source", "unit"))


def _entropy_rate(surprise: np.ndarray, labels: np.ndarray, coefficients: int) -> tuple[float, float]:
    """Return the mean surprise of a step in bits, without the bias of the fit, and its standard error over blocks."""
    counts = np.bincount(labels)
    blocks, steps = len(counts), len(surprise)
    mean = surprise.mean()
    rate = float(mean + coefficients / (2 * np.log(2) * steps))
    if blocks < FEWEST_BLOCKS:
        return rate, float("nan")
    deviations = np.bincount(labels, surprise - mean) / steps
    return rate, float(np.sqrt(blocks / (blocks - 1) * (deviations**2).sum()))


__all__ = ["kinetic_ising"]

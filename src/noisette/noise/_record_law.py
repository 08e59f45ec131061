"""Laws of recorded noise: which refinement they allow, their parameters as arrays, and a check of recorded data."""

from typing import Any

import numpy as np

from noisette.errors import InputError, require
from noisette.noise._base import Noise, Sum, as_strength
from noisette.noise._paths import Kind
from noisette.noise.channels import Channels
from noisette.noise.coloured import Frozen, OrnsteinUhlenbeck
from noisette.noise.white import White
from noisette.reprs import shown

IMPROBABLE = 1e-20  # probability of the variance of recorded data below which they are refused


def kind_of(law: Noise, size: int) -> Kind:
    """Return how a noise is recorded: as a Brownian path, by its values, or step by step.

    Examples
    --------
    >>> kind_of(White(1.0) + White(2.0), 3), kind_of(Frozen(1.0), 3), kind_of(White(1.0) + Frozen(1.0), 3)
    ('path', 'values', 'steps')
    """
    if isinstance(law, OrnsteinUhlenbeck | Frozen):
        return "values"
    try:
        law.step_law(size, None)
    except InputError:
        return "steps"
    return "path"


def law_arrays(law: Noise | None, kind: Kind, size: int) -> dict[str, np.ndarray]:
    """Return the parameters of a law by name; empty if there is no refinement.

    The covariance of white noise per unit of time is diag(std²) + factorsᵀ factors; coloured noise has the stationary
    standard deviation ``std`` and the correlation time ``tau``, which is infinite for frozen noise.
    """
    if law is None or kind == "steps":
        return {}
    if kind == "path":
        std, factors = (np.asarray(part) for part in law.step_law(size, None))
        return {"std": std, "factors": factors} if len(factors) else {"std": std}
    assert isinstance(law, OrnsteinUhlenbeck | Frozen)
    tau = np.asarray(law.tau) if isinstance(law, OrnsteinUhlenbeck) else np.asarray(np.inf)
    return {"std": np.broadcast_to(np.asarray(law.std), (size,)), "tau": tau}


def law_from_arrays(arrays: dict[str, Any]) -> Noise | None:
    """Return the law with the parameters of `law_arrays`; None if there are none.

    Examples
    --------
    >>> law_from_arrays({"std": np.array([0.5, 0.5])}), law_from_arrays({"std": np.ones(1), "tau": 3.0})
    (White(0.5), OrnsteinUhlenbeck(1, 3))
    """
    if "std" not in arrays:
        return None
    std = np.atleast_1d(np.asarray(arrays["std"], float)).ravel()
    strength = as_strength(std[0] if np.all(std == std[0]) else std, "std in the record")
    if "tau" in arrays:
        tau = float(np.asarray(arrays["tau"]).ravel()[0])
        return Frozen(strength) if np.isinf(tau) else OrnsteinUhlenbeck(strength, tau)
    if "factors" not in arrays:
        return White(strength)
    common = Channels(np.asarray(arrays["factors"], float).reshape(-1, len(std)).T)
    return Sum((White(strength), common)) if std.any() else common


def check_variance(law: Noise, kind: Kind, data: np.ndarray, dt: float) -> None:
    """Raise if the variance of recorded data is improbable under their law.

    The mean of z² over units and n independent steps, where z is a number divided by its standard deviation, varies at
    most as much as χ²/n with n degrees of freedom, which is its distribution if all units are equal. Numbers of another
    convention, such as ξ in place of σ √dt ξ, are thereby refused.

    Parameters
    ----------
    law, kind : the law and how it is recorded
    data : increments or values, shape (trials, rows, N)
    dt : length of a recorded step
    """
    size = data.shape[-1]
    samples = float(data.shape[0] * data.shape[1])
    if kind == "path":
        arrays = law_arrays(law, kind, size)
        variance = dt * (arrays["std"] ** 2 + (arrays.get("factors", np.zeros((0, size))) ** 2).sum(0))
        name = "increments"
    elif isinstance(law, OrnsteinUhlenbeck):
        variance, name = np.broadcast_to(np.asarray(law.std) ** 2, (size,)), "values"
        samples *= min(1.0, dt / float(law.tau))
    else:
        return
    silent = variance == 0
    require(not data[..., silent].any(), f"{name} of units whose strength in {shown(law)} is zero", "zeros")
    if silent.all():
        return
    from scipy.special import chdtr, chdtrc  # the import takes 0.08 s

    ratio = float(np.mean(data[..., ~silent] ** 2 / variance[~silent]))
    require(
        min(chdtr(samples, ratio * samples), chdtrc(samples, ratio * samples)) > IMPROBABLE,
        f"{name} with {ratio:.3g} times the variance of {shown(law)} in steps of {dt:g}",
        "increments are σ √dt ξ, values of coloured noise η(t)",
        "scale the array, or give the law with which it was drawn",
    )

"""Activation functions of units. Any elementwise function of arrays can be used as an activation.

NaN yields NaN, and infinity yields the limit.
"""

import math
from collections.abc import Callable

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from noisette.arguments import check_arguments
from noisette.errors import real_number, require, shown
from noisette.formulas import function_of
from noisette.registry import lookup
from noisette.reprs import ALL, as_call

Activation = Callable[[Array], Array]
Values = Float[Array, "..."]
REACH = 8.0  # of the trapezoidal rule of `Smoothed`, in standard deviations; the rest has a probability of 10⁻¹⁵
SPACING, LARGEST_SHIFT = 0.125, 0.3  # of its nodes, in standard deviations and in units of the argument


@check_arguments
def tanh(x: Values) -> Values:
    """Return the hyperbolic tangent of x."""
    return jnp.tanh(x)


@check_arguments
def sigmoid(x: Values) -> Values:
    """Return the logistic function 1/(1 + e^−x)."""
    return jax.nn.sigmoid(x)


@check_arguments
def erf(x: Values) -> Values:
    """Return the error function erf(x) = 2/√π ∫₀ˣ exp(−t²) dt, of slope 2/√π at zero."""
    return jax.scipy.special.erf(x)


@check_arguments
def linear(x: Values) -> Values:
    """Return x, the identity."""
    return x


@check_arguments
def relu(x: Values) -> Values:
    """Return max(x, 0), with derivative 0 at 0."""
    return jax.nn.relu(x)


class Threshold(eqx.Module):
    """Threshold-linear activation max(x − θ, 0).

    Parameters
    ----------
    theta : threshold θ

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> Threshold(0.5)(jnp.array([0.0, 2.0])).tolist()
    [0.0, 1.5]
    """

    theta: float = 0.0

    def __repr__(self) -> str:
        return as_call(self, first=ALL)

    def __check_init__(self):
        real_number(self.theta, "threshold")

    def __call__(self, x: Values) -> Values:
        """Return max(x − θ, 0)."""
        return jax.nn.relu(x - self.theta)


class Power(eqx.Module):
    """Odd power-law activation sign(x) |x|^p.

    Parameters
    ----------
    exponent : p > 0

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> Power(2.0)(jnp.array([-3.0, 2.0])).tolist()
    [-9.0, 4.0]
    """

    exponent: float = 1.0

    def __repr__(self) -> str:
        return as_call(self, first=ALL)

    def __check_init__(self):
        real_number(self.exponent, "power", "an exponent above zero", lambda p: 0 < p < math.inf)

    def __call__(self, x: Values) -> Values:
        """Return sign(x) |x|^p; the derivative at zero is defined as 0 for p ≠ 1, so that it is finite for p < 1."""
        # The inner `where` keeps the derivative of the unused branch finite: it is multiplied by 0, and 0 · ∞ is NaN.
        small = jnp.abs(x) < 1e-300
        return jnp.where(
            small,
            jnp.where(self.exponent == 1, x, 0.0),
            jnp.sign(x) * jnp.where(small, 1.0, jnp.abs(x)) ** self.exponent,
        )


class Pade(eqx.Module):
    """Padé activation x (1 + βα x²)/(1 + α x²), of slope 1 at zero and of slope β for large |x|.

    Parameters
    ----------
    alpha : α ≥ 0, sets the scale 1/√α of the crossover between the slopes
    beta : β, asymptotic slope (for α > 0)

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> Pade(1.0, 0.0)(jnp.array([1.0, 2.0])).tolist()
    [0.5, 0.4]
    """

    alpha: float = 1 / 3
    beta: float = 0.0

    def __repr__(self) -> str:
        return as_call(self, first=ALL)

    def __check_init__(self):
        allowed = "a finite number, zero or positive: below zero the activation has poles"
        real_number(self.alpha, "α", allowed, lambda a: 0 <= a < math.inf)
        real_number(self.beta, "β")

    def __call__(self, x: Values) -> Values:
        """Return x (1 + βα x²)/(1 + α x²)."""
        square = self.alpha * x**2
        return x * (1 + self.beta * square) / (1 + square)


class Smoothed(eqx.Module):
    """Activation averaged over normal noise in its argument, the mean rate with noise inside the activation.

    .. math:: \\phi_\\sigma(x) = \\langle \\phi(x + \\sigma\\xi) \\rangle, \\qquad \\xi \\sim \\mathcal N(0, 1)

    The average is exact for `linear`, `erf`, `relu` and `Threshold`. For other functions it is the trapezoidal rule on
    \\|ξ\\| ≤ 8 with a spacing of at most 0.3/σ. For analytic functions its error is about exp(−21 d), where d is the
    distance of the nearest pole from the real axis, and hence below 10⁻¹³ for `tanh` and `sigmoid`. At a kink where the
    slope changes by a, the error is at most a σ/1900.

    Parameters
    ----------
    activation : φ, a function of arrays
    std : σ, standard deviation of the noise

    Raises
    ------
    InputError : a standard deviation that is negative or not finite, or an activation that is not callable.

    See Also
    --------
    noise.Placed : Noise inside the activation, in simulations.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> round(float(Smoothed(erf, 0.5)(jnp.array(1.0))), 6)  # erf(1/√(1 + 2 σ²))
    0.751787
    >>> round(float(Smoothed(relu, 1.0)(jnp.array(0.0))), 6)  # 1/√(2π)
    0.398942

    References
    ----------
    Trefethen & Weideman (2014), SIAM Review 56:385, on the trapezoidal rule.
    """

    activation: Activation
    std: float = eqx.field(static=True)

    def __repr__(self) -> str:
        return as_call(self, first=ALL)

    def __check_init__(self):
        require(callable(self.activation), f"activation {shown(self.activation)}", "a function of arrays")
        real_number(self.std, "std", "zero or positive", lambda s: 0 <= s < math.inf)

    def __call__(self, x: Values) -> Values:
        """Return ⟨φ(x + σξ)⟩."""
        if self.std == 0 or self.activation is linear:
            return self.activation(x)
        if self.activation is erf:
            return jax.scipy.special.erf(x / math.sqrt(1 + 2 * self.std**2))
        if self.activation is relu or isinstance(self.activation, Threshold):
            above = x - (self.activation.theta if isinstance(self.activation, Threshold) else 0.0)
            z = above / self.std
            return above * jax.scipy.stats.norm.cdf(z) + self.std * jax.scipy.stats.norm.pdf(z)
        nodes = 2 * math.ceil(REACH / min(SPACING, LARGEST_SHIFT / self.std)) + 1
        xi = jnp.linspace(-REACH, REACH, nodes, dtype=x.dtype)
        weights = jnp.exp(-(xi**2) / 2)
        return self.activation(x[..., None] + self.std * xi) @ (weights / weights.sum())


class Formula(eqx.Module):
    """Activation that is given by a formula in x, such as x/(1 + |x|). The text is never executed as code.

    Its derivative is that of JAX: at a kink of ``abs``, ``min`` or ``max`` it is the mean of both slopes, and at that
    of ``relu`` it is 0. Where a slope is infinite, as for ``sqrt(abs(x))`` at 0, it is NaN; `Power` defines it as 0.

    Parameters
    ----------
    text : formula of numbers, ``x``, ``pi``, ``e``, ``+ - * /``, ``^`` or ``**`` for powers, parentheses, and the
        functions ``abs``, ``sign``, ``sqrt``, ``exp``, ``log``, ``sin``, ``cos``, ``tan``, ``sinh``, ``cosh``,
        ``tanh``, ``arctan``, ``erf``, ``sigmoid``, ``relu``, and ``min`` and ``max`` of two or more arguments

    Raises
    ------
    InputError : If the text contains anything else, is no formula, does not depend on x, has a constant that is not
        finite, has more than 200 characters, or is nested more than 30 levels deep.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> Formula("tanh(x) + 0.5*x^3")(jnp.array([0.0, 2.0])).round(3).tolist()
    [0.0, 4.964]
    """

    text: str = eqx.field(static=True)

    def __repr__(self) -> str:
        return as_call(self, first=ALL)

    def __check_init__(self):
        require(isinstance(self.text, str), f"formula {shown(self.text)}", "a string, such as 'x/(1+abs(x))'")
        function_of(self.text)

    def __call__(self, x: Values) -> Values:
        """Return the value of the formula at x."""
        return function_of(self.text)(x)


@check_arguments
def from_formula(text: str) -> Formula:
    """Return the activation given by a formula in x, ``Formula(text)``.

    Parameters
    ----------
    text : formula, see `Formula`

    Raises
    ------
    InputError : As for `Formula`.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> softsign = from_formula("x/(1+abs(x))")
    >>> softsign, softsign(jnp.array([-1.0, 3.0])).tolist()
    (Formula('x/(1+abs(x))'), [-0.5, 0.75])
    """
    return Formula(text)


def smoothed(std: float, activation: Activation) -> Smoothed:
    """Return the activation of ``smoothed:σ,ACTIVATION``."""
    return Smoothed(activation, std)


@check_arguments
def from_string(text: str) -> Activation:
    """Return the activation named by a string.

    Parameters
    ----------
    text : ``tanh``, ``sigmoid``, ``erf``, ``linear``, ``relu``, ``threshold:θ``, ``power:p``, ``pade:α,β``;
        ``formula:EXPR``, a formula in x (see `Formula`); ``smoothed:σ,ACTIVATION``, any of these averaged over noise
        (see `Smoothed`); ``MODULE:NAME``, a function of arrays or a class of such functions; or
        ``MODULE:NAME:NUMBERS``, a callable that returns a function of arrays when called with the numbers

    Returns
    -------
    function of arrays

    Raises
    ------
    InputError : If the name is unknown, or the arguments are invalid.

    Examples
    --------
    >>> from_string("pade:0.5,0")
    Pade(0.5, 0)
    >>> from_string("formula:x/(1+abs(x))")
    Formula('x/(1+abs(x))')
    >>> from_string("smoothed:0.5,erf").std
    0.5
    >>> from_string("noisette.activations:Power:2")
    Power(2)
    """
    name = lookup("activations", text)
    if not name.imported:
        values = name.values({"EXPR": str, "ACTIVATION": from_string})
        return name.call(*values) if ":" in name.form else name.maker
    calls_maker = isinstance(name.maker, type) or bool(name.arguments)
    activation = name.call(*name.numbers()) if calls_maker and callable(name.maker) else name.maker
    require(callable(activation), f"activation {text!r} is a {type(activation).__name__}", "a function of arrays")
    return activation


__all__ = [
    "Formula",
    "Pade",
    "Power",
    "Smoothed",
    "Threshold",
    "erf",
    "from_formula",
    "from_string",
    "linear",
    "relu",
    "sigmoid",
    "tanh",
]

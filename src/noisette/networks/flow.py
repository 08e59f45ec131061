"""Dynamical systems defined by a function: flows in continuous time, maps in discrete time."""

from collections.abc import Callable
from typing import Literal

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array

from noisette.arguments import check_arguments
from noisette.errors import integer, require
from noisette.functions import try_function
from noisette.networks._base import DiscreteNetwork, as_noise
from noisette.networks._continuous import ContinuousNetwork
from noisette.networks._multiplicative import require_diagonal, slope
from noisette.networks._state import State
from noisette.noise import Noise
from noisette.reprs import shown


class Flow(ContinuousNetwork):
    """System in continuous time defined by a function, with additive or multiplicative noise.

    .. math:: dx_i = F_i(\\mathbf x)\\, dt + b_i(\\mathbf x)\\, dN_i(t)

    The product with white noise is that of Itô, or on request that of Stratonovich, which is the limit of noise with a
    short correlation time. The latter is the Itô equation with another drift,

    .. math:: F_i^{\\text{Itô}} = F_i + \\tfrac12 \\sigma_i^2 b_i\\, \\partial b_i/\\partial x_i,

    which `drift` returns; σ_i² is the intensity of the white part of the noise. For noise with a correlation time
    there is no difference.

    Inputs are added to F: a single channel to every unit, or N channels, one to each unit.

    Parameters
    ----------
    function : F, from a state of shape (N,) to its velocity, shape (N,)
    size : number of units N
    noise : noise N(t) of the units; None for no noise
    scale : b, from a state to the factor of the noise of each unit, shape (N,); None for 1
    interpretation : of the product b dN, "ito" or "stratonovich". The latter requires that b_i depends on x_i alone

    Raises
    ------
    InputError : a size that is not a positive integer, a noise that is not a `noise.Noise`, or with "stratonovich" a
        factor b_i that depends on other units, or noise of unknown intensity.

    See Also
    --------
    RateNetwork : Continuous rates with any activation.
    networks.Map : Your own map.

    Examples
    --------
    >>> import jax, jax.numpy as jnp, noisette as nz
    >>> decay = nz.networks.Flow(lambda x: -0.9 * x, 1)
    >>> spectrum = nz.lyapunov_spectrum(decay, duration=10, discard=0, dt=1e-3, key=jax.random.key(0))
    >>> round(float(spectrum.lyapunov[0]), 2)
    -0.9
    >>> growth = nz.networks.Flow(lambda x: 0 * x, 1, nz.White(0.5), lambda x: x, "stratonovich")
    >>> growth.drift(jnp.array([2.0])).tolist()  # ½ σ² x
    [0.25]

    References
    ----------
    Kloeden & Platen (1992), Numerical Solution of Stochastic Differential Equations, section 4.9.
    """

    function: Callable[[Array], Array]
    units: int = eqx.field(static=True)
    noise: Noise | None
    scale: Callable[[Array], Array] | None
    interpretation: Literal["ito", "stratonovich"] = eqx.field(static=True, default="ito")

    @check_arguments
    def __init__(
        self,
        function: Callable[[Array], Array],
        size: int,
        noise: Noise | None = None,
        scale: Callable[[Array], Array] | None = None,
        interpretation: Literal["ito", "stratonovich"] = "ito",
    ):
        size = integer(size, "size", None)
        require(size >= 1, f"size {size}", "at least one unit")
        try_function(function, "drift", (size,), returns=(size,))
        if scale is not None:
            try_function(scale, "scale", (size,), returns=(size,))
        self.function, self.units, self.noise, self.scale = function, size, as_noise(noise), scale
        self.interpretation = interpretation
        if interpretation == "stratonovich" and scale is not None:
            require_diagonal(scale, jnp.zeros(size), "Stratonovich's product")
            if self.noise is not None:
                self.noise.white_part(size)

    @property
    def size(self) -> int:
        """Number of units N."""
        return self.units

    def facts(self):
        """Return the function, the noise and the interpretation of multiplicative noise."""
        facts = {"function": shown(self.function), "noise": shown(self.noise)}
        return facts if self.scale is None else {**facts, "interpretation": self.interpretation}

    def drift(self, units, time=0.0, inputs=None):
        """Return the drift of the Itô equation: F(x) and the inputs, plus ½ σ² b b' for a product of Stratonovich."""
        velocity = self.function(units)
        if inputs is not None:
            allowed = f"1, or one for each of {self.units} units" if self.units > 1 else "1"
            require(inputs.shape in ((1,), (self.units,)), f"{inputs.shape[0]} input channels of a flow", allowed)
            velocity = velocity + inputs
        if self.interpretation == "ito" or self.scale is None or self.noise is None:
            return velocity
        std, factors = self.noise.white_part(self.size)
        factor, derivative = slope(self.scale, jnp.asarray(units))
        return velocity + (std**2 + (factors**2).sum(0)) * factor * derivative / 2

    def diffusion(self, units):
        """Return b(x)."""
        return None if self.scale is None else self.scale(units)


class Map(DiscreteNetwork):
    """System in discrete time defined by a function: x(t + 1) = M(x(t)) + noise(t).

    Parameters
    ----------
    function : M, from a state of shape (N,) to the next state, shape (N,)
    size : number of units N
    noise : noise added in each step; None for no noise

    Raises
    ------
    InputError : a size that is not a positive integer, or a noise that is not a `noise.Noise`.

    See Also
    --------
    networks.Flow : Your own differential equation.

    Examples
    --------
    >>> import jax, jax.numpy as jnp, noisette as nz
    >>> cat = nz.networks.Map(lambda x: jnp.array([[2.0, 1.0], [1.0, 1.0]]) @ x % 1, 2)
    >>> spectrum = nz.lyapunov_spectrum(cat, 2, duration=1000, discard=100, start=[0.1, 0.7], key=jax.random.key(0))
    >>> spectrum.lyapunov.values.round(6)  # ± ln((3 + √5)/2)
    array([ 0.962424, -0.962424])
    """

    function: Callable[[Array], Array]
    units: int = eqx.field(static=True)
    noise: Noise | None

    @check_arguments
    def __init__(self, function: Callable[[Array], Array], size: int, noise: Noise | None = None):
        size = integer(size, "size", None)
        require(size >= 1, f"size {size}", "at least one unit")
        try_function(function, "map", (size,), returns=(size,))
        self.function, self.units, self.noise = function, size, as_noise(noise)

    @property
    def size(self) -> int:
        """Number of units N."""
        return self.units

    def facts(self):
        """Return the function and the noise."""
        return {"function": shown(self.function), "noise": shown(self.noise)}

    def step(self, state, time, *, key):
        """Apply the map once and add the noise."""
        units = self.function(state.units)
        if self.noise is None:
            return State(units, state.noise)
        added, noise = self.noise.sample(state.noise, time, self.size, key=key)
        return State(units + added, noise)

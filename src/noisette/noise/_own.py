"""Trial of noises of the user's own on abstract arrays, when a network receives them."""

from collections.abc import Iterator
from typing import Any

import jax
import jax.numpy as jnp

from noisette.errors import InputError, require, shown
from noisette.functions import check_array, is_own, traced, try_carry
from noisette.noise._base import Noise, Sum
from noisette.noise.by_population import ByPopulation
from noisette.noise.channels import Channels
from noisette.noise.correlated import Correlated
from noisette.noise.gated import Gated
from noisette.noise.placed import Placed


def own_noises(noise: Noise, size: int) -> Iterator[tuple[Noise, int]]:
    """Yield the noises of the user's own within a noise, with the number of their processes."""
    if is_own(noise):
        yield noise, size
    elif isinstance(noise, Sum):
        for part in noise.parts:
            yield from own_noises(part, size)
    elif isinstance(noise, ByPopulation):
        for part, units in zip(noise.noises, noise.sizes, strict=True):
            yield from own_noises(part, units)
    elif isinstance(noise, Gated | Placed):
        yield from own_noises(noise.noise, size)
    elif isinstance(noise, Channels | Correlated):
        yield from own_noises(noise.noise, noise.number)


def try_noise(noise: Noise | None, size: int, *, discrete: bool) -> None:
    """Try the methods of noises of the user's own; noises of this package are not tried.

    Parameters
    ----------
    noise : noise of a network, possibly a sum or a gate that contains noises of the user's own
    size : number of units N
    discrete : whether the network is in discrete time, where the time is an integer

    Raises
    ------
    InputError : If JAX cannot trace a method, or it returns anything but what `Noise` documents.

    Examples
    --------
    >>> import noisette as nz
    >>> [*own_noises(nz.White(0.1), 3)], try_noise(nz.White(0.1), 3, discrete=True)
    ([], None)
    """
    for own, number in [] if noise is None else own_noises(noise, size):
        _try_sample(own, number, discrete)
        if type(own).step_law is not Noise.step_law:
            _try_step_law(own, number)


def _try_sample(noise: Noise, size: int, discrete: bool) -> None:
    kind = type(noise).__name__
    key = jax.random.key(0)
    state = traced(lambda key: noise.init(size, key=key), f"init of {kind}", key)
    time, dt = jnp.zeros((), int if discrete else float), jnp.ones(())

    def sample(state: Any, time: Any, dt: Any, key: Any) -> Any:
        drawn = noise.sample(state, time, size, key=key, dt=dt)
        pair = isinstance(drawn, tuple) and len(drawn) == 2
        returned = f"sample of {kind} returns a {type(drawn).__name__}"
        require(pair, returned, "a pair, the sample and the next state", "return sample, state")
        check_array(drawn[0], f"sample of {kind}", (size,))
        return drawn

    traced(sample, f"sample of {kind}", state, time, dt, key)
    try_carry(lambda state: sample(state, time, dt, key)[1], f"state of {kind}", state)


def _try_step_law(noise: Noise, size: int) -> None:
    name = f"step_law of {type(noise).__name__}"

    def law(time: Any) -> Any:
        try:
            pair = noise.step_law(size, time)
        except InputError:  # this noise has no law
            return None
        shapes = [jnp.shape(part) for part in pair] if isinstance(pair, tuple) and len(pair) == 2 else []
        fits = len(shapes) == 2 and shapes[0] == (size,) and len(shapes[1]) == 2 and shapes[1][1] == size
        allowed = f"a pair of standard deviations, shape ({size},), and loadings of factors, shape (factors, {size})"
        require(fits, f"{name} returns {shown(pair)}", allowed)
        return pair

    traced(law, name, jnp.zeros((), int))

"""Networks from strings, as written in study files."""

import inspect
from collections.abc import Mapping
from typing import Any

from jaxtyping import Array
from numpy.typing import ArrayLike

from noisette.activations import Activation, tanh
from noisette.arguments import check_arguments
from noisette.networks._base import Network
from noisette.networks.onsager import Onsager
from noisette.networks.rate import RateNetwork
from noisette.noise import Noise
from noisette.registry import Name, lookup


def rate(
    weights: ArrayLike | Array,
    gain: ArrayLike | Array = 1.0,
    gamma: float = 0.0,
    activation: Activation = tanh,
    tau: ArrayLike | Array = 1.0,
    bias: ArrayLike | Array = 0.0,
    noise: Noise | None = None,
) -> RateNetwork | Onsager:
    """Return a rate network, with the Onsager reaction term if `gamma` is not zero.

    Parameters
    ----------
    weights, gain, activation, tau, bias, noise : as for `RateNetwork`
    gamma : weight γ of the Onsager reaction term

    Examples
    --------
    >>> type(rate([[0.5]], gamma=1.0)).__name__
    'Onsager'
    """
    network = RateNetwork(weights, gain, tau=tau, bias=bias, activation=activation, noise=noise)
    return Onsager(network, gamma) if gamma else network


@check_arguments
def parameters_of(text: str) -> Mapping[str, inspect.Parameter]:
    """Return the keyword parameters that `from_string` accepts for a network.

    Examples
    --------
    >>> list(parameters_of("boltzmann"))
    ['weights', 'bias', 'noise', 'unit_names']
    """
    maker = _lookup(text).maker
    return inspect.signature(maker).parameters if callable(maker) and not _is_network(maker) else {}


@check_arguments
def from_string(text: str, **parameters: Any) -> Any:
    """Return the network that `text` names.

    Parameters
    ----------
    text : ``rate``, ``boltzmann``, ``sign``, or ``MODULE:NAME[:NUMBERS]``, which names a network, or a class or
        function that returns a network
    parameters : keyword parameters of the network, such as weights, noise or gain

    Raises
    ------
    InputError : an unknown name, or a parameter that the network does not have.

    Examples
    --------
    >>> from_string("sign", weights=[[1.0]]).size
    1
    >>> from_string("noisette.networks:Map", function=abs, size=2).size
    2
    """
    return _lookup(text).build(_is_network, "a network", **parameters)


def _lookup(text: str) -> Name:
    """Return the registered or imported name; raise if a registered name has arguments."""
    name = lookup("networks", text)
    if name.arguments and not name.imported:
        raise name.unreadable()
    return name


def _is_network(value: Any) -> bool:
    """Return whether a value is a network, and not a class of networks."""
    return isinstance(value, Network)

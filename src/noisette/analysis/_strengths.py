"""Networks in noise of several strengths, simulated one after the other."""

from collections.abc import Sequence

from noisette.analysis._options import Progress
from noisette.networks import Network
from noisette.noise import White


def in_noise(networks: Sequence[Network], strength: float) -> list[Network]:
    """Return the networks with their noise, White(1.0) if they have none, multiplied by a strength.

    Examples
    --------
    >>> import noisette as nz
    >>> in_noise([nz.RateNetwork([[0.0]]), nz.RateNetwork([[0.0]], noise=nz.White(0.5))], 2.0)[1].noise
    White(1)
    """
    return [n.with_noise(strength * (White(1.0) if n.noise is None else n.noise)) for n in networks]


def part_of(progress: Progress | None, index: int, parts: int) -> Progress | None:
    """Return a callback that reports the progress of one of several simulations as a part of all of them.

    Examples
    --------
    >>> part_of(lambda done, total: print(done, "of", total), 1, 4)(5, 10)
    15 of 40
    """
    if not callable(progress):
        return progress
    return lambda done, total: progress(index * total + done, parts * total)


__all__ = ["in_noise", "part_of"]

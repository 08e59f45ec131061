"""Places at which noise enters a network: current, inside the activation, rate, synapses, inputs and read-out."""

from typing import Literal, get_args

import equinox as eqx

from noisette.arguments import check_arguments
from noisette.errors import require
from noisette.noise._base import Noise, Sum

Place = Literal["current", "activation", "rate", "synapses", "inputs", "readout"]
#: Places at which noise enters a network, see `Placed`.
PLACES: tuple[Place, ...] = get_args(Place)


class Placed(Noise):
    """Noise that enters a network at a given place.

    With noise ν on the current, η inside the activation, ρ on the rates, ζ on the synapses, υ on the inputs and ω on
    the read-out, a `RateNetwork` and its output are

    .. math::
       \\tau_i \\dot x_i &= -x_i + g \\sum_j W_{ij} (1 + \\zeta_{ij})\\, r_j + b_i + \\sum_c B_{ic} (u_c + \\upsilon_c)
       + \\tau_i \\nu_i, \\\\
       r_j &= \\phi(x_j + \\eta_j) + \\rho_j, \\qquad z_k = \\sum_j V_{kj} r_j + c_k + \\omega_k

    Noises at several places are added: ``White(0.1) + Placed(OrnsteinUhlenbeck(0.5, 2.0), "activation")``. A noise that
    is not placed acts on the current.

    Synaptic noise is relative to the weights, so that it preserves missing synapses and the signs of the means; there
    is an independent process for each pair of units. `Frozen` synaptic noise is drawn once per trial.

    Inside the activation and on the read-out, noise has to have values, see `Noise.value`: white noise has an infinite
    variance, and what a nonlinear function makes of it would depend on dt. On the current, the rates, the synapses and
    the inputs, which enter linearly, all noises are admitted, but not white noise on both rates and synapses, whose
    product does not exist.

    Binary networks admit noise on the rates, which adds Σ_m W_nm ρ_m to the input, and on the synapses; inside their
    activation noise is the same as on the current.

    Parameters
    ----------
    noise : the noise; one process per unit, per pair of units ("synapses"), per channel ("inputs") or per output
        ("readout")
    place : "current", "activation", "rate", "synapses", "inputs" or "readout"

    Raises
    ------
    InputError : an unknown place, or a noise that is placed already. Networks raise it for places that they do not
        have.

    See Also
    --------
    Channels : Few signals through a matrix, on the current.
    Gated : Any noise within a window of time.

    Examples
    --------
    >>> import noisette as nz
    >>> inside = nz.noise.Placed(nz.OrnsteinUhlenbeck(0.5, tau=2.0), "activation")
    >>> network = nz.RateNetwork([[0.0]], bias=1.0, noise=nz.White(0.1) + inside)
    >>> sorted(nz.noise.by_place(network.noise))
    ['activation', 'current']

    References
    ----------
    Eckstein & Srinivasan (2026), Paradoxical noise preference in RNNs, arXiv:2601.04539.
    """

    noise: Noise
    place: Place = eqx.field(static=True)

    @check_arguments
    def __init__(self, noise: Noise, place: Place):
        placed = any(name != "current" for name in by_place(noise))
        require(not placed, f"{noise!r} at the place {place!r}", "a noise that is not placed already")
        self.noise, self.place = noise, place

    def init(self, size, *, key):
        """Return the initial state of noise on the current; other places are resolved by the network."""
        self._require_current()
        return self.noise.init(size, key=key)

    def sample(self, state, time, size, *, key, dt=1.0):
        """Return the sample of noise on the current, and the next state."""
        self._require_current()
        return self.noise.sample(state, time, size, key=key, dt=dt)

    def value(self, state, time, size, *, dt=1.0):
        """Return the value of noise on the current."""
        self._require_current()
        return self.noise.value(state, time, size, dt=dt)

    def step_law(self, size, time):
        """Return the law of noise on the current."""
        self._require_current()
        return self.noise.step_law(size, time)

    def spectrum(self):
        """Return the autocovariance of noise on the current."""
        self._require_current()
        return self.noise.spectrum()

    def white_part(self, size):
        """Return the white part of noise on the current."""
        self._require_current()
        return self.noise.white_part(size)

    @property
    def has_values(self):
        """Whether the noise has values."""
        return self.noise.has_values

    @property
    def correlation_time(self):
        """Shortest correlation time of the noise."""
        return self.noise.correlation_time

    @property
    def has_variance(self):
        """Whether the variance of the noise is finite."""
        return self.noise.has_variance

    def scaled(self, factor):
        """Return the scaled noise at the same place."""
        return Placed(self.noise.scaled(factor), self.place)

    def _require_current(self) -> None:
        require(
            self.place == "current",
            f"noise at the place {self.place!r}",
            "noise on the current: this network, or this theory, has no other place",
            "RateNetwork has all places, binary networks also 'rate' and 'synapses'",
        )


@check_arguments
def by_place(noise: Noise | None) -> dict[Place, Noise]:
    """Return the noise at each place, in the order of ``PLACES``; several noises at one place are summed.

    Examples
    --------
    >>> from noisette.noise import Frozen, White
    >>> by_place(White(1.0) + Placed(Frozen(0.1), "synapses") + Placed(White(2.0), "current"))["current"]
    White(1) + White(2)
    """
    parts: tuple[Noise, ...] = () if noise is None else noise.parts if isinstance(noise, Sum) else (noise,)
    places: dict[Place, list[Noise]] = {}
    for part in parts:
        if isinstance(part, Sum):
            for place, inner in by_place(part).items():
                places.setdefault(place, []).append(inner)
        elif isinstance(part, Placed):
            places.setdefault(part.place, []).append(part.noise)
        else:
            places.setdefault("current", []).append(part)
    ordered: list[Place] = [place for place in PLACES if place in places]
    noises: dict[Place, Noise] = {}
    for place in ordered:
        noises[place] = places[place][0] if len(places[place]) == 1 else Sum(tuple(places[place]))
    return noises


__all__ = ["PLACES", "Place", "Placed", "by_place"]

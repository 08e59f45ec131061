"""Noise of task networks at places other than the current, with standard deviations per step."""

import math
from typing import NamedTuple

from noisette.errors import real_number, require
from noisette.noise import Frozen, Noise, Placed, SampleAndHold


class StepNoise(NamedTuple):
    """Standard deviations of the noise of a task network inside the activation, on rates, synapses and the read-out.

    .. math::
       x_{t+1} &= (1 - \\alpha) x_t + \\alpha \\big((W \\circ (1 + \\varsigma Z))\\, r_t + \\dots\\big) + s \\xi_t, \\\\
       r_t &= \\sigma(x_t + \\kappa \\nu_t) + \\rho \\omega_t, \\qquad
       o_t = W_{\\text{out}} r_{t+1} + b + \\epsilon\\, \\upsilon_t

    ν, ω and υ are standard normal and independent in every step; Z is standard normal, independent for each pair of
    units, and constant during a trial. Noise inside the activation changes the mean rate at a given x to that of the
    smoothed activation, see `activations.Smoothed`; noise at the other places does not.

    Parameters
    ----------
    activation : κ, inside the activation
    rate : ρ, on the rates
    synapses : ς, relative to the weights
    readout : ε, on the outputs

    Examples
    --------
    >>> StepNoise(activation=0.5)
    StepNoise(activation=0.5)

    References
    ----------
    Eckstein & Srinivasan (2026), arXiv:2601.04539.
    """

    activation: float = 0.0
    rate: float = 0.0
    synapses: float = 0.0
    readout: float = 0.0

    def __repr__(self) -> str:
        return f"StepNoise({', '.join(f'{place}={std:g}' for place, std in self._asdict().items() if std)})"


NO_STEP_NOISE = StepNoise()


def checked_step_noise(stds: StepNoise) -> StepNoise:
    """Return the standard deviations as numbers; raise if one is negative or not finite."""
    require(isinstance(stds, StepNoise), f"step noise {stds!r}", "a networks.StepNoise")
    allowed = "zero or positive"
    values = (real_number(s, f"{p} noise", allowed, lambda v: 0 <= v < math.inf) for p, s in stds._asdict().items())
    return StepNoise(*map(float, values))


def placed_noises(stds: StepNoise, dt: float) -> tuple[Noise, ...]:
    """Return the noises in continuous time that are equal to the step noise in steps of `dt`.

    A value per step is noise that is held for dt.

    Examples
    --------
    >>> [noise.place for noise in placed_noises(StepNoise(rate=0.1, synapses=0.2), 5.0)]
    ['rate', 'synapses']
    """
    noises: list[Noise] = []
    if stds.activation:
        noises.append(Placed(SampleAndHold(stds.activation, dt), "activation"))
    if stds.rate:
        noises.append(Placed(SampleAndHold(stds.rate, dt), "rate"))
    if stds.synapses:
        noises.append(Placed(Frozen(stds.synapses), "synapses"))
    if stds.readout:
        noises.append(Placed(SampleAndHold(stds.readout, dt), "readout"))
    return tuple(noises)


__all__ = ["NO_STEP_NOISE", "StepNoise", "checked_step_noise", "placed_noises"]

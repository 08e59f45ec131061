"""Checks, after a simulation, that the step was short enough for stability and for accurate stationary variances."""

import math

import equinox as eqx
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array

from noisette.networks import ContinuousNetwork, Discretized
from noisette.networks.stability import spectrum_at
from noisette.networks.step_size import Explicit, Spectrum, mode_biases, stability, variance_bias
from noisette.simulation._step_size import BIAS, MARGIN, fluctuates, round_down, scatter

ALARM = 0.1  # relative error of stationary variances above which a warning is issued
BOUND = 2.0  # stability number at which a step becomes unstable
MOVING = 1e-3  # largest rate of change of the Jacobian at a fixed point, in 1/(shortest time constant)
ROUNDING = 1e-9  # relative imaginary part of an eigenvalue below which it counts as real


def with_step_diagnostics(
    data: xr.Dataset, networks: list[Discretized], final: np.ndarray, steps: int, solver: Explicit
) -> tuple[xr.Dataset, list[str]]:
    """Return the result with ``stability`` and, in noise, ``variance_bias`` of each network added, and the warnings.

    Parameters
    ----------
    data : result of the simulation
    networks : discretised networks with their inputs
    final : last states of the first run, shape (networks, N)
    steps : number of steps
    solver : "euler", "heun" or "milstein"
    """
    dt, last = float(networks[0].dt), np.asarray(steps - 1)
    inputs = networks[0].signal(jnp.asarray(last))
    diagnoses = [
        diagnose(network.network, units, float(last) * dt, inputs, dt, solver)
        for network, units in zip(networks, final, strict=True)
    ]
    products = np.array([product for product, *_ in diagnoses])
    data["stability"] = ("network", products)
    data.stability.attrs.update(
        long_name="stability number of the step, stable below 2: max over decaying modes of dt |μ|²/|Re μ| (Euler)",
        units="",
        modes=diagnoses[0][2].method,
        error=diagnoses[0][2].error,
    )
    messages = []
    worst = int(np.argmax(np.nan_to_num(products, nan=-1.0)))
    if products[worst] > BOUND:
        messages.append(too_long(worst, dt, solver, products[worst], *diagnoses[worst][2:]))
    biases = np.array([bias for _, bias, *_ in diagnoses])
    if any(fluctuates(network.network.noise, network.size) for network in networks):
        data["variance_bias"] = ("network", biases)
        label = "relative error of stationary variances due to the step, linearised at the last state"
        if not all(network.network.noise is None or network.network.noise.has_variance for network in networks):
            label += "; NaN for noise that has no variance"
        data.variance_bias.attrs.update(long_name=label, units="")
        largest = int(np.argmax(np.nan_to_num(np.abs(biases), nan=-1.0, posinf=np.inf)))
        if abs(biases[largest]) > ALARM and not messages:
            messages.append(too_biased(largest, dt, biases[largest], diagnoses[largest][2], solver))
    return data.assign_attrs(warning="; ".join(messages)) if messages else data, messages


def diagnose(
    network: ContinuousNetwork, units: np.ndarray, time: float, inputs: Array | None, dt: float, solver: Explicit
) -> tuple[float, float, Spectrum, int]:
    """Return stability number, bias of variances, modes, and index of the limiting mode at a state.

    If the Jacobian changes at the final state, the activity may be an artefact of a step that is too long. If x = 0 is
    then a fixed point at which all modes decay, its stability number is used if it is larger and the limiting mode
    oscillates. Real modes are excluded, since a gradient flow may approach minima other than x = 0.
    """
    modes = spectrum_at(network, units, time, inputs, dt)
    product, worst = stability(modes, dt, solver)
    bias = math.nan
    has_variance = network.noise is None or network.noise.has_variance
    if fluctuates(network.noise, network.size) and has_variance:
        bias = variance_bias(modes, dt, solver, scatter(network, units))
    if modes.change * network.min_tau > MOVING:
        rest = np.zeros(network.size)
        if _at_rest(network, rest, time, inputs):
            rest_modes = spectrum_at(network, rest, time, inputs)
            rest_product, rest_worst = stability(rest_modes, dt, solver)
            oscillates = abs(np.imag(rest_modes.rates[rest_worst])) > ROUNDING * abs(rest_modes.rates[rest_worst])
            if rest_modes.growth == 0 and oscillates and rest_product > product:
                return rest_product, bias, rest_modes, rest_worst
    return product, bias, modes, worst


def too_long(number: int, dt: float, solver: Explicit, product: float, modes: Spectrum, worst: int) -> str:
    """Return the warning about an unstable step, with the unstable mode and a suitable step."""
    mode = modes.rates[worst]
    bound = BOUND * dt / product
    if bound == 0:
        return (
            f"dt {dt:g} is too long: {describe_mode(mode)} of network {number} oscillates without damping, which "
            f"{solver} does not preserve at any step; use solver='adaptive' or a shorter dt, and compare"
        )
    return (
        f"dt {dt:g} is too long: {describe_mode(mode)} of network {number} decays, but grows in the simulation; a step "
        f"of {solver} is stable only for dt < {bound:.2g}; use dt={round_down(MARGIN * bound):g} or dt='auto', "
        "and compare"
    )


def too_biased(number: int, dt: float, bias: float, modes: Spectrum, solver: Explicit) -> str:
    """Return the warning about a stable step that leads to inaccurate variances in noise."""
    biases = np.abs(mode_biases(modes.rates, dt, solver))
    worst = int(np.argmax(np.where(np.isnan(biases), -1.0, biases)))
    percent = "" if math.isinf(bias) else f" by {100 * bias:.0f} %"
    rate = modes.rates[worst]
    suitable = round_down(2 * BIAS * abs(rate.real) / abs(rate) ** 2) if rate != 0 and rate.real != 0 else dt / 10
    return (
        f"dt {dt:g} is too long for this noise: it changes stationary variances of network {number}{percent}; the "
        f"relative error of a mode is about dt |μ|²/(2 |Re μ|), largest for {describe_mode(rate)}; use "
        f"dt={suitable:g}, or dt='auto'"
    )


def describe_mode(rate: complex | np.number) -> str:
    """Return the description of a mode from its eigenvalue μ.

    Examples
    --------
    >>> describe_mode(-1.0 + 5.0j), describe_mode(-4.0)
    ('the mode μ = -1±5i', 'the mode μ = -4')
    """
    value = complex(rate)
    if abs(value.imag) <= 1e-9 * abs(value):
        return f"the mode μ = {value.real:.4g}"
    return f"the mode μ = {value.real:.4g}±{abs(value.imag):.4g}i"


@eqx.filter_jit
def _velocity(network: ContinuousNetwork, units: Array, time: Array, inputs: Array | None) -> Array:
    """Return the drift at a state, compiled."""
    return network.drift(units, time, inputs)


def _at_rest(network: ContinuousNetwork, units: np.ndarray, time: float, inputs: Array | None) -> bool:
    """Return whether a state is an exact fixed point of the drift."""
    velocity = np.asarray(_velocity(network, jnp.asarray(units), jnp.asarray(time, float), inputs))
    return bool(np.abs(velocity).max() == 0)

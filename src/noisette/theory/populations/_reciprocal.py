"""Mean-field theory of correlated weights of the two directions: `reciprocal_mean_field`.

If W_ij and W_ji have the correlation κ, the rate of a unit returns to it through each of its partners (Martí, Brunel &
Ostojic 2018; Crisanti & Sompolinsky 1987 for symmetric weights):

    ẋ(t) = −x(t) + η(t) + κ g² ∫ S(t − t') φ(x(t')) dt' + noise,   ⟨η(t) η(t')⟩ = g² ⟨φ(x(t)) φ(x(t'))⟩,
    S(t − t') = ⟨∂φ(x(t))/∂η(t')⟩.

The process is not Gaussian. Paths of it are sampled on a periodic window, in which the leak is the factor 1/(1 + iω) of
Fourier components, and η is white noise of the present spectrum. Paths x, the derivatives y of paths by an impulse of
their input, the autocovariance and S are iterated together:

    x ← K ∗ (η + noise + κ g² S ∗ φ(x)),   y ← e^(−t) + κ g² K ∗ S ∗ (φ'(x) y),   S ← ⟨φ'(x) y⟩,   K = e^(−t).

The white numbers are the same in all iterations, so that these converge to a solution of the sampled equations, whose
error is found from independent batches of paths. Integrals over S are sums by the trapezoidal rule.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array, Float, PRNGKeyArray
from numpy.typing import ArrayLike

from noisette.activations import Activation
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import InputError, integer, real_array, real_number, require
from noisette.functions import try_function
from noisette.noise import Noise, NoiseSpectrum
from noisette.progress import ProgressLike, counted
from noisette.provenance import provenance
from noisette.theory.dmft import places_of

DT = 0.1  # time step
WINDOW, KERNEL = 640, 160  # steps of the periodic window, and of the response function
BATCHES = 8
MOST_ITERATIONS, MIXING, CONVERGED = 400, 0.7, 1e-3  # relative change of the autocovariance at which iteration ends
RELAXED = 0.5  # weight of new paths, as negative feedback makes undamped ones alternate
DEAD = 1e-8  # variance below which activity has decayed
STRONGEST = 1e12


class Paths(NamedTuple):
    """State of the iteration of one batch.

    Attributes
    ----------
    x : paths
    y : derivatives of the paths by an impulse of the input at the start of the window
    product, current : ⟨φ φ'⟩ and ⟨x x'⟩ at the lags 0 … half of the window
    response : S at the delays 0, dt, 2 dt, …
    """

    x: Float[Array, "window paths"]
    y: Float[Array, "kernel paths"]
    product: Float[Array, " half"]
    current: Float[Array, " half"]
    response: Float[Array, " kernel"]


@check_arguments
@public_call
def reciprocal_mean_field(
    activation: Activation,
    gain: float,
    reciprocity: float,
    noise: Noise | None = None,
    lags: ArrayLike | None = None,
    *,
    samples: int = 1000,
    key: PRNGKeyArray,
    progress: ProgressLike = None,
) -> xr.Dataset:
    """Variance and autocovariances of a large random network with correlated weights of the two directions, N → ∞.

    .. math:: \\dot x = -x + \\eta + \\kappa g^2 \\int S(t-t')\\, \\phi(x(t'))\\, dt' + \\xi, \\quad
       \\langle \\eta \\eta' \\rangle = g^2 \\langle \\phi \\phi' \\rangle, \\quad
       S(t-t') = \\langle \\partial \\phi(x(t)) / \\partial \\eta(t') \\rangle

    for weights of variance 1/N with Corr(W_ij, W_ji) = κ. The equation is solved by sampling paths, with errors of the
    sampling, which are returned, and of the step of 0.1. It assumes a stationary state that does not depend on its
    start: for κ near 1, activity settles at one of many fixed points or ages, and the iteration does not converge.

    Parameters
    ----------
    activation : φ, odd, a differentiable function of arrays
    gain : g
    reciprocity : κ, from −1 to 1
    noise : noise on the current, the same for all units; None for none
    lags : τ of the autocovariances, at most 32 time constants; None for none
    samples : number of paths, in eight batches
    key : random key of the paths
    progress : True to show a bar, or a function called with (iterations done, most iterations)

    Raises
    ------
    InputError : An activation that is not odd; noise elsewhere or without autocovariance; or no convergence.

    Returns
    -------
    Dataset with ``variance`` ⟨x²⟩ and ``rate_square`` ⟨φ²⟩, with ``…_se`` over the batches, the ``response`` S over
    ``delay``, and ``current_autocovariance`` and ``rate_autocovariance`` over ``lag`` if lags are given

    See Also
    --------
    theory.population_mean_field : Independent weights, without sampling.
    ensembles.reciprocal : Matrices of such weights.

    Examples
    --------
    >>> import noisette as nz
    >>> data = reciprocal_mean_field(nz.activations.linear, 0.5, -1.0, nz.White(1.0), samples=400, key=0)
    >>> bool(abs(data.variance - 0.5) < 0.04)  # antisymmetric weights do not change the variance of linear units
    True

    References
    ----------
    Martí, Brunel & Ostojic (2018) [marti2018]; Crisanti & Sompolinsky (1987) [crisanti1987].
    """
    g = real_number(gain, "gain", "zero or positive", lambda g: 0 <= g < np.inf)
    kappa = real_number(reciprocity, "reciprocity", "a correlation from −1 to 1", lambda k: -1 <= k <= 1)
    count = integer(samples, "samples", BATCHES)
    spectrum = _spectrum(activation, noise)
    times = np.zeros(0) if lags is None else np.abs(real_array(lags, "lags").reshape(-1))
    longest = DT * WINDOW / 2
    require(bool((times <= longest).all()), f"lags up to {times.max(initial=0.0):g}", f"at most {longest:g}")
    keys = jax.random.split(key, BATCHES)
    paths = -(-count // BATCHES)
    batches = _solved(activation, g, kappa, spectrum, keys, paths, progress)
    values = {"variance": batches.current[:, 0], "rate_square": batches.product[:, 0]}
    data = xr.Dataset()
    for name, text in (("variance", "⟨x²⟩"), ("rate_square", "⟨φ(x)²⟩")):
        array = np.asarray(values[name])
        data[name] = ((), float(array.mean()), {"long_name": text})
        data[f"{name}_se"] = (
            (),
            float(array.std(ddof=1) / np.sqrt(BATCHES)),
            {"long_name": f"standard error of {text}"},
        )
    delays = DT * np.arange(KERNEL)
    response = np.asarray(batches.response).mean(0)
    data["response"] = ("delay", response, {"long_name": "S, response of the rate to the input", "units": "1/tau"})
    data = data.assign_coords(delay=("delay", delays, {"long_name": "delay", "units": "tau"}))
    if lags is not None:
        grid = DT * np.arange(WINDOW // 2 + 1)
        for name, rows in (("current_autocovariance", batches.current), ("rate_autocovariance", batches.product)):
            data[name] = ("lag", np.interp(times, grid, np.asarray(rows).mean(0)))
        data = data.assign_coords(lag=("lag", real_array(lags, "lags").reshape(-1), {"units": "tau"}))
    configuration = {
        "gain": g,
        "reciprocity": kappa,
        "samples": count,
        "dt": DT,
        "activation": activation,
        "noise": noise,
    }
    papers = ("marti2018", "crisanti1987")
    return data.assign_attrs(provenance("mean-field", "stationary", papers, configuration))


def _spectrum(activation: Activation, noise: Noise | None) -> NoiseSpectrum:
    """Return the spectrum of the noise on the current; raise if the theory does not apply."""
    try_function(activation, "activation", (6,), returns=(6,))
    x = jnp.asarray([0.3, 1.0, 2.5])
    phi = np.asarray(activation(jnp.concatenate([x, -x])), float)
    odd = phi.shape == (6,) and bool(np.abs(phi[:3] + phi[3:]).max() <= 1e-9 * (1 + np.abs(phi).max()))
    require(odd, "an activation that is not odd with reciprocity", "an odd activation, such as tanh")
    places = places_of(noise)
    elsewhere = places._replace(current=NoiseSpectrum()) != type(places)()
    require(not elsewhere, "noise that is not on the current with reciprocity", "noise on the current", "simulate")
    return places.current


def _solved(
    activation: Activation,
    gain: float,
    kappa: float,
    spectrum: NoiseSpectrum,
    keys: Array,
    paths: int,
    progress: ProgressLike,
) -> Paths:
    """Return the solutions of the sampled equations of all batches, stacked."""
    frequencies = 2 * np.pi * np.fft.rfftfreq(WINDOW, DT)
    lags = DT * np.arange(WINDOW // 2 + 1)
    noise = jnp.asarray(_spectral(spectrum.autocovariance(lags)) + spectrum.white / DT)
    leak = jnp.asarray(1 / (1 + 1j * frequencies))
    # variance of white noise at frequencies above those of the grid: σ²/π ∫ dω/(1 + ω²) beyond π/dt
    lost = spectrum.white / np.pi * float(np.arctan2(1.0, np.pi / DT))
    numbers = jax.jit(jax.vmap(partial(_numbers, paths)))(keys)
    improve = jax.jit(jax.vmap(partial(_improved, activation, gain, kappa, noise, leak, lost)))
    decay = jnp.broadcast_to(jnp.exp(-DT * jnp.arange(KERNEL))[:, None], (KERNEL, paths))
    product = jnp.exp(-lags / 2)
    first = Paths(jnp.zeros((WINDOW, paths)), decay, product, product, 0.5 * decay[:, 0])
    state = jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (len(keys), *leaf.shape)), first)
    for _ in counted(range(MOST_ITERATIONS), progress):
        new: Paths = improve(numbers, state)
        size = float(new.product[:, 0].mean())
        require(np.isfinite(size) and size < STRONGEST, f"gain {gain:g}, for which activity diverges", "a lower gain")
        changes = [
            float(jnp.abs(b - a).max() / jnp.maximum(jnp.abs(b).max(), DEAD)) for a, b in zip(state, new, strict=True)
        ]
        state = new
        if max(changes[2:]) < CONVERGED * MIXING or size < DEAD:
            return state
    raise InputError(
        f"gain {gain:g} with reciprocity {kappa:g}: the iteration does not converge, as activity depends on its start "
        "near symmetric weights or near the onset of chaos; change the gain or the reciprocity, or simulate a network"
    )


def _numbers(paths: int, key: PRNGKeyArray) -> tuple[Array, Array, Array]:
    """Return Fourier components of white noise for η and for the noise, and numbers for its lost variance."""
    keys = jax.random.split(key, 3)
    drawn = [jax.random.normal(k, (WINDOW, paths)) for k in keys]
    return jnp.fft.rfft(drawn[0], axis=0), jnp.fft.rfft(drawn[1], axis=0), drawn[2]


def _improved(
    activation: Activation,
    gain: float,
    kappa: float,
    noise: Array,
    leak: Array,
    lost: float,
    numbers: tuple[Array, Array, Array],
    state: Paths,
) -> Paths:
    """Return the paths, their derivatives, the autocovariances and the response after one iteration."""
    phi = activation(state.x)
    waves = jnp.fft.rfft(phi, axis=0)
    product = state.product + MIXING * (_correlated(waves) - state.product)
    weights = jnp.full(KERNEL, DT).at[0].set(DT / 2)
    memory = kappa * gain**2 * weights * state.response
    slopes = jax.vmap(jax.grad(lambda value: activation(value).sum()))(state.x[:KERNEL])
    # e^(−t) ∗ memory as a causal sum of the trapezoidal rule, on a window that is long enough not to be periodic
    decay = jnp.exp(-DT * jnp.arange(KERNEL))
    both = jnp.fft.rfft(weights * decay, 2 * KERNEL) * jnp.fft.rfft(memory, 2 * KERNEL)
    fed_back = jnp.fft.irfft(both[:, None] * jnp.fft.rfft(slopes * state.y, 2 * KERNEL, axis=0), axis=0)[:KERNEL]
    y = state.y + RELAXED * (decay[:, None] + fed_back - state.y)
    response = state.response + MIXING * ((slopes * y).mean(1) - state.response)
    own, added, rest = numbers
    half = jnp.concatenate([product, product[-2:0:-1]])
    power = gain**2 * jnp.maximum(jnp.fft.rfft(half).real, 0.0)
    drive = own * jnp.sqrt(power)[:, None] + added * jnp.sqrt(noise)[:, None]
    back = jnp.fft.rfft(memory, WINDOW)[:, None] * waves
    new = jnp.fft.irfft(leak[:, None] * (drive + back), WINDOW, axis=0) + jnp.sqrt(lost) * rest
    x = state.x + RELAXED * (new - state.x)
    return Paths(x, y, product, _correlated(jnp.fft.rfft(x, axis=0)), response)


def _correlated(waves: Array) -> Array:
    """Return ⟨x x'⟩ at lags 0 … half of the window, averaged over paths and over times of the periodic window."""
    power = jnp.square(jnp.abs(waves)).mean(1) / WINDOW
    return jnp.fft.irfft(power, WINDOW)[: WINDOW // 2 + 1]


def _spectral(autocovariance: np.ndarray) -> np.ndarray:
    """Return the Fourier components of an autocovariance at the lags 0 … half of the window."""
    half = np.concatenate([autocovariance, autocovariance[-2:0:-1]])
    return np.maximum(np.fft.rfft(half).real, 0.0)


__all__ = ["reciprocal_mean_field"]

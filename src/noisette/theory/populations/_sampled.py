"""Paths of populations with correlated weights of the two directions, sampled on a periodic window.

With Corr(W_ij, W_ji) = κ_pq, the rate of a unit of population p returns to it through its partners in q:

    τ_p ẋ_p = −x_p + μ_p + η_p + Σ_q F_pq ∫ S_q(t − t') φ_p(x_p(t')) dt' + noise,   F_pq = κ_pq √(V_pq V_qp f_q/f_p),
    ⟨η_p η_p'⟩ = Σ_q V_pq ⟨φ_q φ_q'⟩,   S_q(t − t') = ⟨∂φ_q(t)/∂η_q(t')⟩,   μ_p = b_p + Σ_q M_pq ⟨φ_q⟩.

The leak is the factor K_p = 1/(1 + iωτ_p) of Fourier components, and η is white noise of the present spectrum. Paths x,
the derivatives y of paths by an impulse of their input, autocovariances and S are iterated together,

    x ← μ + K ∗ (η + noise + Σ F S ∗ φ(x)),   y ← k + Σ F k ∗ S ∗ (φ'(x) y),   S ← ⟨φ'(x) y⟩,   k = e^(−t/τ)/τ.

The white numbers are the same in all iterations, so that these converge to a solution of the sampled equations.
Integrals over S are sums by the trapezoidal rule. Without noise there are also periodic solutions, which activity does
not reach (Sompolinsky, Crisanti & Sommers 1988): the covariances of rates are led to their limit at long lags.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from noisette.activations import Activation
from noisette.errors import InputError, require
from noisette.progress import ProgressLike, counted
from noisette.theory.populations._model import Model

DT = 0.1  # time step, in units of the shortest time constant
WINDOW = 640  # steps of the periodic window, times a power of two above the ratio of the time constants
PART = 4  # length of the window divided by that of the response function
MOST_ITERATIONS, MIXING, CONVERGED = 400, 0.7, 1e-3  # relative change of the autocovariance at which iteration ends
RELAXED = 0.5  # weight of new paths, as negative feedback makes undamped ones alternate
FADING = 0.5  # share of the longest lag from which covariances are led to their limit
LASTING = 0.1  # largest covariance at that lag, relative to the variance, beside the limit
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

    x: Float[Array, "P window paths"]
    y: Float[Array, "P kernel paths"]
    product: Float[Array, "P half"]
    current: Float[Array, "P half"]
    response: Float[Array, "P kernel"]


@dataclass(frozen=True, eq=False)
class Sampling:
    """The equations on a grid of times.

    Attributes
    ----------
    model : the populations
    activations : φ of each population
    feedback : F, shape (P, P)
    dt : time step
    window : steps of the periodic window
    """

    model: Model
    activations: tuple[Activation, ...]
    feedback: Float[np.ndarray, "P P"]
    dt: float
    window: int

    @property
    def kernel(self) -> int:
        """Return the number of delays of the response function."""
        return self.window // PART

    @property
    def vanishing(self) -> bool:
        """Return whether covariances vanish at long lags."""
        return self.model.symmetric and not self.model.static_noise().any()

    def limit(self, halves: Array) -> Array:
        """Return the limit of covariances at long lags, their mean over those from which they are led to it."""
        late = halves[..., int(FADING * halves.shape[-1]) :].mean(-1)
        return jnp.zeros_like(late) if self.vanishing else late

    def faded(self, halves: Array) -> Array:
        """Return covariances at the lags 0 … half of the window that reach their limit at the last one."""
        number = halves.shape[-1]
        place = jnp.clip((jnp.arange(number) / (number - 1) - FADING) / (1 - FADING), 0, 1)
        limit = self.limit(halves)[..., None]
        return limit + (halves - limit) * jnp.cos(jnp.pi * place / 2) ** 2

    @property
    def frequencies(self) -> np.ndarray:
        """Return the angular frequencies of the window."""
        return 2 * np.pi * np.fft.rfftfreq(self.window, self.dt)

    @property
    def weights(self) -> np.ndarray:
        """Return the weights of integrals over delays."""
        weights = np.full(self.kernel, self.dt)
        weights[0] /= 2
        return weights

    def rates(self, x: Array) -> Array:
        """Return φ of paths of shape (P, …)."""
        return jnp.stack([phi(row) for phi, row in zip(self.activations, x, strict=True)])

    def slopes(self, x: Array) -> Array:
        """Return φ' of paths of shape (P, …)."""
        return jax.grad(lambda values: self.rates(values).sum())(x)

    def memory(self, response: Array) -> Array:
        """Return Σ_q F_pq S_q with the weights of the integral, shape (P, kernel)."""
        return jnp.asarray(self.weights) * (jnp.asarray(self.feedback) @ response)


def sampling_of(model: Model, activations: tuple[Activation, ...]) -> Sampling:
    """Return the equations of populations with the gain multiplied into their statistics."""
    s, tau = model.statistics, model.tau
    coupled = s.reciprocity * np.sqrt(s.variance * s.variance.T)
    ratio = float(tau.max() / tau.min())
    window = WINDOW * 2 ** int(np.ceil(np.log2(ratio)))
    return Sampling(
        model, activations, coupled * np.sqrt(s.fractions / s.fractions[:, None]), DT * float(tau.min()), window
    )


def solved(sampling: Sampling, keys: Array, paths: int, progress: ProgressLike) -> Paths:
    """Return the solutions of the sampled equations of all batches, stacked.

    Parameters
    ----------
    sampling : the equations
    keys : random key of each batch
    paths : number of paths of a batch and population
    progress : as for `progress.counted`

    Raises
    ------
    InputError : If activity diverges, or the iteration does not converge.
    """
    model, dt, steps = sampling.model, sampling.dt, sampling.kernel
    p, window = model.populations, sampling.window
    lags = dt * np.arange(window // 2 + 1)
    noise = np.array([_spectral(s.autocovariance(lags)) + s.white / dt for s in model.current])
    # variance of white noise at frequencies above those of the grid: σ²/π ∫ dω/(1 + ω²τ²) beyond π/dt
    lost = [
        s.white / (np.pi * tau) * np.arctan2(1.0, np.pi * tau / dt)
        for s, tau in zip(model.current, model.tau, strict=True)
    ]
    numbers = jax.jit(jax.vmap(partial(_numbers, (p, window, paths))))(keys)
    improve = jax.jit(jax.vmap(partial(_improved, sampling, jnp.asarray(noise), jnp.asarray(lost))))
    decay = jnp.exp(-dt * jnp.arange(steps) / model.tau[:, None]) / model.tau[:, None]
    product = jnp.broadcast_to(jnp.exp(-jnp.asarray(lags) / 2), (p, len(lags)))
    impulse = jnp.broadcast_to(decay[..., None], (p, steps, paths))
    first = Paths(jnp.zeros((p, window, paths)), impulse, product, product, 0.5 * decay)
    state = jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (len(keys), *leaf.shape)), first)
    for _ in counted(range(MOST_ITERATIONS), progress):
        new: Paths = improve(numbers, state)
        size = float(new.product[..., 0].mean())
        require(np.isfinite(size) and size < STRONGEST, "populations whose activity diverges", "a lower gain")
        changes = [
            float(jnp.abs(b - a).max() / jnp.maximum(jnp.abs(b).max(), DEAD)) for a, b in zip(state, new, strict=True)
        ]
        state = new
        if max(changes[2:]) < CONVERGED * MIXING or size < DEAD:
            return state
    raise InputError(
        "correlated weights of the two directions for which the iteration does not converge, as activity depends on "
        "its start near symmetric weights or near the onset of chaos; change the gain or the reciprocity, or simulate "
        "a network"
    )


def has_decayed(sampling: Sampling, paths: Paths) -> bool:
    """Return whether covariances have decayed where they begin to be led to their limit."""
    current = np.asarray(paths.current).mean(0)
    start, limit = int(FADING * current.shape[1]), np.asarray(sampling.limit(paths.current)).mean(0)
    size = current[:, 0] - limit
    lasting = (np.abs(current[:, start] - limit) > LASTING * size) & (size > 1e-3 * current[:, 0])
    return not (lasting.any() and current.max() > DEAD)


def _numbers(shape: tuple[int, ...], key: PRNGKeyArray) -> tuple[Array, Array, Array]:
    """Return Fourier components of white noise for η and for the noise, and numbers for its lost variance."""
    first, second, third = jax.random.split(key, 3)
    return white_waves(shape, first), white_waves(shape, second), jax.random.normal(third, shape)


def white_waves(shape: tuple[int, ...], key: PRNGKeyArray) -> Array:
    """Return Fourier components of white noise whose power, averaged over paths, is that of its expectation.

    Otherwise deviations of the power would be multiplied in every iteration.
    """
    waves = jnp.fft.rfft(jax.random.normal(key, shape), axis=1)
    return waves * jnp.sqrt(shape[1] / jnp.square(jnp.abs(waves)).mean(2, keepdims=True))


def _improved(
    sampling: Sampling, noise: Array, lost: Array, numbers: tuple[Array, Array, Array], state: Paths
) -> Paths:
    """Return the paths, their derivatives, the autocovariances and the response after one iteration."""
    model, steps, window = sampling.model, sampling.kernel, sampling.window
    s, tau = model.statistics, jnp.asarray(model.tau)[:, None]
    phi = sampling.rates(state.x)
    waves = jnp.fft.rfft(phi, axis=1)
    product = state.product + MIXING * (sampling.faded(correlated(waves, window)) - state.product)
    memory = sampling.memory(state.response)
    slopes = sampling.slopes(state.x[:, :steps])
    # k ∗ memory as a causal sum of the trapezoidal rule, on a window that is long enough not to be periodic
    decay = jnp.exp(-sampling.dt * jnp.arange(steps) / tau) / tau
    both = jnp.fft.rfft(jnp.asarray(sampling.weights) * decay, 2 * steps) * jnp.fft.rfft(memory, 2 * steps)
    past = jnp.fft.rfft(slopes * state.y, 2 * steps, axis=1)
    fed_back = jnp.fft.irfft(both[..., None] * past, axis=1)[:, :steps]
    y = state.y + RELAXED * (decay[..., None] + fed_back - state.y)
    response = state.response + MIXING * ((slopes * y).mean(2) - state.response)
    own, added, rest = numbers
    power = jnp.maximum(jnp.asarray(s.variance) @ spectra(product), 0.0)
    drive = own * jnp.sqrt(power)[..., None] + added * jnp.sqrt(noise)[..., None]
    back = jnp.fft.rfft(memory, window)[..., None] * waves
    leak = 1 / (1 + 1j * jnp.asarray(sampling.frequencies) * tau)
    mean = jnp.asarray(model.bias) + jnp.asarray(s.mean) @ phi.mean((1, 2))
    new = jnp.fft.irfft(leak[..., None] * (drive + back), window, axis=1) + jnp.sqrt(lost)[:, None, None] * rest
    x = state.x + RELAXED * (new + mean[:, None, None] - state.x)
    return Paths(x, y, product, correlated(jnp.fft.rfft(x, axis=1), window), response)


def correlated(waves: Array, window: int) -> Array:
    """Return ⟨x x'⟩ at lags 0 … half of the window, averaged over paths and over times of the periodic window."""
    power = jnp.square(jnp.abs(waves)).mean(-1) / window
    return jnp.fft.irfft(power, window)[..., : window // 2 + 1]


def spectra(halves: Array) -> Array:
    """Return the Fourier components of even functions that are known at the lags 0 … half of the window."""
    whole = jnp.concatenate([halves, halves[..., -2:0:-1]], axis=-1)
    return jnp.fft.rfft(whole).real


def _spectral(autocovariance: np.ndarray) -> Any:
    return np.maximum(np.asarray(spectra(jnp.asarray(autocovariance))), 0.0)


__all__ = ["Paths", "Sampling", "correlated", "has_decayed", "sampling_of", "solved", "spectra", "white_waves"]

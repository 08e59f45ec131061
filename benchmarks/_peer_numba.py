"""Contender: loops compiled by numba, two threads, xoshiro256++ and the ziggurat; float64."""

import math

import numba
import numpy as np
from _peer_problems import (
    BINARY_NOISE,
    BLOCK,
    DT,
    OU_STD,
    OU_TAU,
    SIGMA,
    binary_values,
    binary_weights,
    count_values,
    covariance_values,
    noise_values,
    rate_values,
    rate_weights,
)
from _peer_worker import Work, serve
from numba import njit, prange, uint64

Array = np.ndarray
THREADS = numba.get_num_threads()
TAIL, AREA = 3.6541528853610088, 4.92867323399e-3  # of the ziggurat of 256 layers
MASK = 0x000FFFFFFFFFFFFF


def ziggurat() -> tuple[Array, Array, Array]:
    """Return thresholds, widths and densities of the layers (Marsaglia & Tsang 2000)."""
    k, w, f, scale = np.zeros(256, np.uint64), np.zeros(256), np.zeros(256), 2.0**52
    edge = last = TAIL
    q = AREA / math.exp(-edge * edge / 2)
    k[0], w[0], w[255] = int(edge / q * scale), q / scale, edge / scale
    f[0], f[255] = 1.0, math.exp(-edge * edge / 2)
    for i in range(254, 0, -1):
        edge = math.sqrt(-2 * math.log(AREA / edge + math.exp(-edge * edge / 2)))
        k[i + 1], f[i], w[i] = int(edge / last * scale), math.exp(-edge * edge / 2), edge / scale
        last = edge
    return k, w, f


K, WIDTH, DENSITY = ziggurat()


def states_of(seed: int, number: int) -> Array:
    """Return the states of independent generators."""
    return np.random.default_rng(seed).integers(0, 2**64, (number, 4), np.uint64)


@njit(inline="always")
def word(s):
    result = s[0] + s[3]
    result = ((result << uint64(23)) | (result >> uint64(41))) + s[0]
    t = s[1] << uint64(17)
    s[2] ^= s[0]
    s[3] ^= s[1]
    s[1] ^= s[2]
    s[0] ^= s[3]
    s[2] ^= t
    s[3] = (s[3] << uint64(45)) | (s[3] >> uint64(19))
    return result


@njit(inline="always")
def uniform(s):
    return (word(s) >> uint64(11)) * 1.1102230246251565e-16


@njit
def unusual(s, layer, x):
    """Return (accepted, value) of a number outside the core of its layer."""
    if layer == 0:
        while True:
            a, b = -math.log1p(-uniform(s)) / TAIL, -math.log1p(-uniform(s))
            if b + b > a * a:
                return True, TAIL + a if x > 0 else -TAIL - a
    inside = (DENSITY[layer - 1] - DENSITY[layer]) * uniform(s) + DENSITY[layer] < math.exp(-0.5 * x * x)
    return inside, x


@njit
def normal(s):
    while True:
        r = word(s)
        layer = r & uint64(255)
        r >>= uint64(8)
        size = (r >> uint64(1)) & uint64(MASK)
        x = size * WIDTH[layer]
        if r & uint64(1):
            x = -x
        if size < K[layer]:
            return x
        accepted, x = unusual(s, layer, x)
        if accepted:
            return x


@njit(parallel=True, fastmath=True, cache=True)
def counted_loop(weights, strength, steps, generators, counts):
    size = len(weights)
    for run in prange(len(generators)):
        rng, s, u, count, code = generators[run].copy(), -np.ones(size), np.empty(size), counts[run], 0
        for _ in range(steps):
            for i in range(size):
                field = strength * normal(rng)
                for j in range(size):
                    field += weights[i, j] * s[j]
                u[i] = field
            after = 0
            for i in range(size):
                up = uniform(rng) * (1 + math.exp(-u[i])) < 1
                s[i] = 1.0 if up else -1.0
                after += after + up
            count[code, after] += 1
            code = after


@njit(parallel=True, cache=True)
def tabulated_loop(flips, steps, generators, counts):
    """Count states of a network whose probabilities of each unit are tabulated for each state."""
    size = flips.shape[1]
    for run in prange(len(generators)):
        rng, count, code = generators[run].copy(), counts[run], 0
        for _ in range(steps):
            after = 0
            for i in range(size):
                after += after + (uniform(rng) < flips[code, i])
            count[code, after] += 1
            code = after


@njit(parallel=True, fastmath=True, cache=True)
def incremental_loop(columns, strength, steps, generators, before, after):
    """Fields are updated by the columns of the units that have flipped."""
    size = len(columns)
    for run in prange(len(generators)):
        rng, s, fields = generators[run].copy(), after[run], np.zeros(size)
        for j in range(size):
            for i in range(size):
                fields[i] += columns[j, i] * s[j]
        flipped = np.empty(size, np.int64)
        for step in range(steps):
            if step == steps - 1:
                before[run] = s
            number = 0
            for i in range(size):
                u = fields[i] + strength * normal(rng)
                new = 1.0 if uniform(rng) * (1 + math.exp(-u)) < 1 else -1.0
                if new != s[i]:
                    s[i] = new
                    flipped[number] = i
                    number += 1
            for k in range(number):
                j = flipped[k]
                twice = 2 * s[j]
                for i in range(size):
                    fields[i] += twice * columns[j, i]


@njit(parallel=True, fastmath=True, cache=True)
def rate_loop(transposed, steps, generators, x, sums, totals, block):
    """Each thread has its runs in one product per step; covariances are accumulated by blocks of steps."""
    groups, runs, size = x.shape
    strength, measured = SIGMA * math.sqrt(DT), len(sums) > 0
    for group in prange(groups):
        rng, state, rates, field = generators[group].copy(), x[group], np.empty((runs, size)), np.empty((runs, size))
        for step in range(steps):
            if measured:
                place = step % BLOCK
                block[group, :, place] = state
                if place == BLOCK - 1 or step == steps - 1:
                    for run in range(runs):
                        part = block[group, run, : place + 1]
                        sums[group, run] += np.dot(part.T, part)
                totals[group] += state
            for run in range(runs):
                for i in range(size):
                    rates[run, i] = math.tanh(state[run, i])
            np.dot(rates, transposed, out=field)
            for run in range(runs):
                for i in range(size):
                    state[run, i] += DT * (field[run, i] - state[run, i]) + strength * normal(rng)


@njit(parallel=True, cache=True)
def noise_loop(decay, spread, steps, generators, eta):
    for part in prange(len(generators)):
        rng, x = generators[part].copy(), eta[part]
        for i in range(len(x)):
            x[i] = OU_STD * normal(rng)
        for _ in range(steps):
            for i in range(len(x)):
                x[i] = decay * x[i] + spread * normal(rng)


@njit(parallel=True, cache=True)
def fill(generators, out, normally):
    for part in prange(len(generators)):
        rng, x = generators[part].copy(), out[part]
        for i in range(len(x)):
            x[i] = normal(rng) if normally else uniform(rng)


def binary(size: int, runs: int, counted: bool = False, tabulated: bool = False) -> Work:
    """Binary networks in white noise, runs distributed over threads."""
    weights = binary_weights(size)
    if counted:
        points = np.linspace(-9, 9, 2401)
        density = np.exp(-(points**2) / 2) / np.exp(-(points**2) / 2).sum()
        states = 2.0 * (np.arange(2**size)[:, None] >> np.arange(size - 1, -1, -1) & 1) - 1
        table = (1 / (1 + np.exp(-(states @ weights.T)[..., None] - BINARY_NOISE * points))) @ density

        def count(steps: int, seed: int) -> Array:
            counts = np.zeros((runs, 2**size, 2**size), np.int64)
            if tabulated:
                tabulated_loop(table, steps, states_of(seed, runs), counts)
            else:
                counted_loop(weights, BINARY_NOISE, steps, states_of(seed, runs), counts)
            return counts

        return Work(count, count_values)
    columns = weights.T.copy()

    def run(steps: int, seed: int) -> tuple[Array, Array]:
        before, after = -np.ones((runs, size)), -np.ones((runs, size))
        incremental_loop(columns, BINARY_NOISE, steps, states_of(seed, runs), before, after)
        return before, after

    return Work(run, lambda out: binary_values(weights, *out))


def rate(size: int, runs: int, covariance: bool = False) -> Work:
    """A rate network in white noise by Euler–Maruyama steps."""
    groups = THREADS if runs % THREADS == 0 else 1
    transposed, shape = rate_weights(size).T.copy(), (groups, runs // groups)

    def run(steps: int, seed: int) -> Array:
        x, measured = np.zeros((*shape, size)), shape if covariance else (0, 0)
        sums, totals = np.zeros((*measured, size, size)), np.zeros((*measured, size))
        rate_loop(transposed, steps, states_of(seed, groups), x, sums, totals, np.empty((*measured, BLOCK, size)))
        if not covariance:
            return x.reshape(runs, size)
        sums -= totals[..., :, None] * totals[..., None, :] / steps
        return sums.reshape(runs, size, size) / (steps - 1)

    return Work(run, covariance_values if covariance else rate_values)


def noise(size: int) -> Work:
    """Steps of Ornstein–Uhlenbeck noise."""
    decay = math.exp(-1 / OU_TAU)
    spread = OU_STD * math.sqrt(1 - decay**2)

    def run(steps: int, seed: int) -> Array:
        eta = np.empty((THREADS, size // THREADS))
        noise_loop(decay, spread, steps, states_of(seed, THREADS), eta)
        return eta

    return Work(run, lambda eta: noise_values(eta.ravel()))


def numbers(normally: bool) -> Work:
    """Random numbers: a limit of the machine."""
    out = np.empty((THREADS, 1_000_000 // THREADS))
    return Work(lambda steps, seed: fill(states_of(seed, THREADS), out, normally), lambda _: {})


JOBS = {"binary": binary, "rate": rate, "noise": noise, "numbers": numbers}

if __name__ == "__main__":
    serve(JOBS)

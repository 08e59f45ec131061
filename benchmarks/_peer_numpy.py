"""Contender: NumPy, all runs in one product, with the generator SFC64 and without temporary arrays; float64."""

import numpy as np
from _chaos_loops import all_trajectories, always_two_products, two_trajectories
from _loops import loop
from _peer_problems import (
    BINARY_NOISE,
    BLOCK,
    CHAIN_STEPS,
    CURVE_DT,
    DELTA,
    DT,
    EVERY,
    GAINS,
    INPUTS,
    LAGS,
    OU_STD,
    OU_TAU,
    REACTION_GAIN,
    SIGMA,
    SPECTRUM_DT,
    SPECTRUM_GAIN,
    STRENGTHS,
    binary_values,
    binary_weights,
    count_values,
    covariance_values,
    energy_values,
    exponent_values,
    frame,
    noise_values,
    rate_values,
    rate_weights,
    reservoir,
    start,
)
from _peer_worker import Work, serve

Array = np.ndarray


def generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(seed))


def binary(size: int, runs: int, counted: bool = False) -> Work:
    """Binary networks in white noise, all runs in one product."""
    weights = binary_weights(size)
    transposed, powers, codes = weights.T.copy(), 2.0 ** np.arange(size), 2**size if counted else 0

    def run(steps: int, seed: int) -> tuple[Array, Array, Array]:
        rng, s, before = generator(seed), -np.ones((runs, size)), -np.ones((runs, size))
        u, noise = np.empty_like(s), np.empty_like(s)
        code, offset = np.zeros(runs, int), codes * codes * np.arange(runs)
        counts = np.zeros(runs * codes * codes, int)
        for _ in range(steps):
            before, s = s, before
            np.matmul(before, transposed, out=u)
            rng.standard_normal(out=noise)
            noise *= BINARY_NOISE
            u += noise
            np.negative(u, out=u)
            np.exp(u, out=u)
            u += 1
            rng.random(out=noise)
            noise *= u
            np.less(noise, 1, out=s)
            s *= 2
            s -= 1
            if counted:
                after = ((s > 0) @ powers).astype(int)
                counts[offset + codes * code + after] += 1
                code = after
        return before, s, counts.reshape(runs, codes, codes)

    if counted:
        return Work(run, lambda out: count_values(out[2]))
    return Work(run, lambda out: binary_values(weights, out[0], out[1]))


def one_run(size: int) -> Work:
    """A single run of a binary network, step by step, as in published scripts; only timed."""
    weights = binary_weights(size)
    return Work(lambda steps, seed: loop(weights, BINARY_NOISE, steps, generator(seed)), lambda _: {})


def rate(size: int, runs: int, covariance: bool = False) -> Work:
    """A rate network in white noise by Euler–Maruyama steps."""
    transposed = rate_weights(size).T.copy()
    strength = SIGMA * DT**0.5

    def run(steps: int, seed: int) -> Array:
        rng, x = generator(seed), np.zeros((runs, size))
        rates, field, noise = (np.empty_like(x) for _ in range(3))
        if covariance:
            block, sums = np.empty((runs, BLOCK, size)), np.zeros((runs, size, size))
            total, product = np.zeros((runs, size)), np.empty((size, size))
        for step in range(steps):
            if covariance:
                block[:, step % BLOCK] = x
                if step % BLOCK == BLOCK - 1 or step == steps - 1:
                    length = step % BLOCK + 1
                    for number in range(runs):
                        part = block[number, :length]
                        sums[number] += np.matmul(part.T, part, out=product)
                    total += block[:, :length].sum(1)
            np.tanh(x, out=rates)
            np.matmul(rates, transposed, out=field)
            rng.standard_normal(out=noise)
            field *= DT
            noise *= strength
            x *= 1 - DT
            x += field
            x += noise
        if not covariance:
            return x
        mean = total / steps
        return (sums - steps * mean[:, :, None] * mean[:, None]) / (steps - 1)

    return Work(run, covariance_values if covariance else rate_values)


def curve(size: int, published: bool = False) -> Work:
    """The largest exponents of 16 gains from two trajectories: all in one product, or one gain at a time as printed."""
    weights, x, v = rate_weights(size, 1.0), start(size), frame(size, 1)[:, 0]

    def together(steps: int, seed: int) -> Array:
        return all_trajectories(weights, GAINS, x, v, 0.0, steps, CURVE_DT, DELTA)

    def as_printed(steps: int, seed: int) -> Array:
        parameters = x, v, 0.0, steps, CURVE_DT, DELTA
        return np.array([two_trajectories(always_two_products, g * weights, *parameters) for g in GAINS])

    return Work(as_printed if published else together, exponent_values)


def reaction(size: int) -> Work:
    """A rate network with the Onsager reaction term, γ = 1: f − φ′ (Wᵀ f) with f = W φ(x) − x."""
    weights = rate_weights(size, REACTION_GAIN)

    def run(steps: int, seed: int) -> Array:
        x = start(size)
        for _ in range(steps):
            rates = np.tanh(x)
            f = weights @ rates - x
            x += CURVE_DT * (f - (1 - rates * rates) * (f @ weights))
        return x

    return Work(run, energy_values)


def spectrum(size: int, exponents: int) -> Work:
    """Exponents by the standard method; the Jacobian is applied to the tangents and not formed."""
    weights, initial, Q0 = rate_weights(size, SPECTRUM_GAIN), start(size), frame(size, exponents)

    def run(steps: int, seed: int) -> Array:
        x, Q, sums = initial.copy(), Q0.copy(), np.zeros(exponents)
        for step in range(1, steps + 1):
            rates = np.tanh(x)
            change = weights @ ((1 - rates * rates)[:, None] * Q)
            change -= Q
            change *= SPECTRUM_DT
            x += SPECTRUM_DT * (weights @ rates - x)
            Q += change
            if step % EVERY == 0 or step == steps:
                Q, R = np.linalg.qr(Q)
                sums += np.log(np.abs(np.diag(R)))
        return sums / (steps * SPECTRUM_DT)

    return Work(run, exponent_values)


def noise(size: int) -> Work:
    """Steps of Ornstein–Uhlenbeck noise."""
    decay = np.exp(-1 / OU_TAU)
    spread = OU_STD * np.sqrt(1 - decay**2)

    def run(steps: int, seed: int) -> Array:
        rng = generator(seed)
        eta = OU_STD * rng.standard_normal(size)
        drawn = np.empty(size)
        for _ in range(steps):
            rng.standard_normal(out=drawn)
            drawn *= spread
            eta *= decay
            eta += drawn
        return eta

    return Work(run, noise_values)


def chain(size: int) -> Work:
    """Exact chains at all strengths: probabilities by the trapezoidal rule, mean occupation by repeated squaring."""
    weights = binary_weights(size)
    states = 2.0 * (np.arange(2**size)[:, None] >> np.arange(size - 1, -1, -1) & 1) - 1
    fields, points = states @ weights.T, np.linspace(-9, 9, 2401)
    density = np.exp(-(points**2) / 2)
    density /= density.sum()

    def entropy(p: Array) -> float:
        p = p[p > 0]
        return float(-(p * np.log2(p)).sum())

    def measures(strength: float) -> tuple[float, float]:
        up = (1 / (1 + np.exp(-fields[..., None] - strength * points))) @ density
        transition = np.where(states[None] > 0, up[:, None], 1 - up[:, None]).prod(2)
        power, total, number = transition, np.eye(len(states)), 1  # P^n, and the sum of the n powers before it
        for digit in f"{CHAIN_STEPS:b}"[1:]:
            total, power, number = total + power @ total, power @ power, 2 * number
            if digit == "1":
                total, power, number = total + power, power @ transition, number + 1
        occupation = total[0] / number
        joint = occupation[:, None] * transition
        H = entropy(occupation)
        return H, H + entropy(joint.sum(0)) - entropy(joint)

    def run(steps: int, seed: int) -> Array:
        with np.errstate(over="ignore"):
            return np.array([measures(r) for r in STRENGTHS])

    return Work(run, lambda out: {"H": [float(out[:, 0].mean()), 0.0], "I": [float(out[:, 1].mean()), 0.0]})


def memory(size: int) -> Work:
    """Memory function of a reservoir: states by a loop, a readout of all lags by one ridge regression."""
    weights, inputs, signal = reservoir(size)

    def run(steps: int, seed: int) -> Array:
        x, states = np.zeros(size), np.empty((INPUTS, size))
        for step in range(INPUTS):
            states[step] = x
            x = weights @ np.tanh(x) + inputs[:, 0] * signal[step, 0]
        rows = np.arange(200, INPUTS)
        targets = signal[rows[:, None] - np.arange(1, LAGS + 1), 0]
        fit, score = slice(None, 3040), slice(3040, None)
        X = np.concatenate([states[rows], np.ones((len(rows), 1))], 1)
        gram = X[fit].T @ X[fit] + 1e-10 * np.eye(size + 1)
        fitted = X[score] @ np.linalg.solve(gram, X[fit].T @ targets[fit])
        return 1 - ((targets[score] - fitted) ** 2).mean(0) / targets[score].var(0)

    return Work(run, lambda scores: {"capacity": [float(scores.sum()), 0.0]})


JOBS = {
    "binary": binary,
    "one_run": one_run,
    "rate": rate,
    "reaction": reaction,
    "curve": curve,
    "spectrum": spectrum,
    "noise": noise,
    "chain": chain,
    "memory": memory,
}

if __name__ == "__main__":
    serve(JOBS)

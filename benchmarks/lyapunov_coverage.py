"""Coverage of the standard errors of Lyapunov exponents, over 100 seeds.

For each system, 100 trials from different initial states give λ ± s.e.; the true value is known exactly or is the mean
over longer trials. The table lists the percentages of trials in which the true value lies within one and within 1.96
standard errors (nominally 68 % and 95 %, ± 5 % and ± 2 % for 100 seeds), and the ratio of the mean reported error to
the standard deviation over seeds.

Run: python benchmarks/lyapunov_coverage.py [--quick]
"""

import sys

import jax
import jax.numpy as jnp
import numpy as np

import noisette as nz
from noisette.networks import Map

SEEDS = 100
KEY = jax.random.key(20)


def random_network(size: int, gain: float, noise: nz.noise.Noise | None = None) -> nz.RateNetwork:
    W = nz.weights.gaussian(size, size**-0.5, self_coupling=False, key=jax.random.key(1))
    return nz.RateNetwork(W, gain=gain, noise=noise)


def starts_within(size: int, low: float, high: float) -> np.ndarray:
    return np.random.default_rng(1).uniform(low, high, (SEEDS, size))


def henon(x):
    return jnp.stack([1 - 1.4 * x[0] ** 2 + x[1], 0.3 * x[0]])


def skew(x):
    return jnp.stack([4 * x[0] * (1 - x[0]), jnp.exp(-8.0) * x[1] + 0.1 * x[0]])


def standard(x):
    """Return the standard map at K = 8, with momentum and angle in turns."""
    momentum = x[0] + 8 / (2 * jnp.pi) * jnp.sin(2 * jnp.pi * x[1])
    return jnp.stack([momentum % 1, (x[1] + momentum) % 1])


CASES = {
    "logistic map, r = 4": (Map(lambda x: 4 * x * (1 - x), 1), 1, starts_within(1, 0.1, 0.9), 5000, None, np.log(2)),
    "logistic map, r = 3.8": (Map(lambda x: 3.8 * x * (1 - x), 1), 1, starts_within(1, 0.2, 0.8), 5000, None, None),
    "Hénon map": (Map(henon, 2), 2, starts_within(2, 0.0, 0.1), 5000, None, None),
    "logistic map driving e⁻⁸": (Map(skew, 2), 2, starts_within(2, 0.1, 0.9), 5000, None, None),
    "standard map, K = 8": (Map(standard, 2), 1, starts_within(2, 0.0, 1.0), 5000, None, None),
    "rate network, N = 50, g = 4": (random_network(50, 4.0), 2, None, 500.0, 0.1, None),
    "the same, White(1)": (random_network(50, 4.0, nz.White(1.0)), 2, None, 500.0, 0.1, None),
    "N = 50, g = 0.8, White(.5)": (random_network(50, 0.8, nz.White(0.5)), 2, None, 500.0, 0.1, None),
}


def spectra(network, k, starts, length, dt, key):
    timing = {"steps": length} if dt is None else {"duration": length, "dt": dt}
    discard = 200 if dt is None else 50
    probe = nz.Lyapunov(k, discard=discard)
    return nz.simulate(network, probes=probe, key=key, runs=SEEDS, start=starts, warn=False, **timing)


def main(quick: bool) -> None:
    longer = 3 if quick else 10
    print(f"{'system':28} {'exponent':>10} {'s.e.':>9} {'68 %':>5} {'95 %':>5} {'s.e./spread':>11}")
    for number, (name, (network, k, starts, length, dt, exact)) in enumerate(CASES.items()):
        key = jax.random.fold_in(KEY, number)
        short = spectra(network, k, starts, length, dt, key)
        truth = np.array([exact])
        if exact is None:
            other = None if starts is None else starts[::-1]
            truth = spectra(network, k, other, longer * length, dt, jax.random.fold_in(key, 1)).lyapunov.values.mean(0)
        z = np.abs(short.lyapunov.values - truth) / short.lyapunov_se.values
        errors, spread = short.lyapunov_se.values, short.lyapunov.values.std(0, ddof=1)
        for i in range(k):
            ratio = np.sqrt((errors[:, i] ** 2).mean()) / spread[i]
            shares = f"{100 * (z[:, i] < 1).mean():5.0f} {100 * (z[:, i] < 1.96).mean():5.0f}"
            print(f"{name:28} {truth[i]:10.5f} {np.median(errors[:, i]):9.2e} {shares} {ratio:11.2f}", flush=True)


if __name__ == "__main__":
    main("--quick" in sys.argv)

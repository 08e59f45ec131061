"""Coverage of the intervals of inference: networks are drawn, simulated and inferred, and the true values are compared.

Each data set has a network of its own. The table lists the percentages of 95 % intervals that contain the true value,
with the standard error over data sets, and the ratio of the mean reported error to the root mean square deviation.
Linear networks are sampled exactly, without the error of a time step.

Run: python benchmarks/inference_coverage.py [linear] [ising] [gain] [--quick]
"""

import sys
import time
from collections.abc import Callable

import numpy as np
import scipy.linalg

import noisette as nz
from noisette.analysis import effective_gain, kinetic_ising, linear_network

SETS = 200
NOISE = 0.7

Result = dict[str, tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]  # true value, estimate, low, high


def stable_drift(size: int, gain: float, rng: np.random.Generator) -> np.ndarray:
    """Return F = −1 + gJ of a stable linear network."""
    while True:
        drift = gain * rng.standard_normal((size, size)) / np.sqrt(size) - np.eye(size)
        if np.linalg.eigvals(drift).real.max() < -0.01:
            return drift


def linear_activity(drift, noise, dt, trials, times, rng) -> np.ndarray:
    """Return stationary samples of dx = F x dt + noise of covariance Q, shape (trials, times, units)."""
    size = len(drift)
    covariance = scipy.linalg.solve_continuous_lyapunov(drift, -noise)
    propagator = scipy.linalg.expm(drift * dt)
    root = np.linalg.cholesky(covariance - propagator @ covariance @ propagator.T)
    x = rng.standard_normal((trials, size)) @ np.linalg.cholesky(covariance).T
    samples = np.empty((times, trials, size))
    for t in range(times):
        samples[t] = x
        x = x @ propagator.T + rng.standard_normal((trials, size)) @ root.T
    return samples.transpose(1, 0, 2)


def linear(size: int, trials: int, times: int, dt: float, lag: int) -> Callable[[int], Result]:
    def one(seed: int) -> Result:
        rng = np.random.default_rng(seed)
        drift = stable_drift(size, 0.7, rng)
        mixing = np.eye(size) + 0.3 * rng.standard_normal((size, size)) / np.sqrt(size)
        noise = mixing @ mixing.T
        fit = linear_network(linear_activity(drift, noise, dt, trials, times, rng), dt=dt, lag=lag)
        truths = {"weights": drift + np.eye(size), "noise_covariance": noise}
        return {name: intervals(fit, name, truth) for name, truth in truths.items()}

    return one


def ising(size: int, trials: int, steps: int) -> Callable[[int], Result]:
    def one(seed: int) -> Result:
        rng = np.random.default_rng(seed)
        weights, bias = 1.5 * rng.standard_normal((size, size)) / np.sqrt(size), 0.3 * rng.standard_normal(size)
        run = nz.simulate(nz.Boltzmann(weights, bias), steps=steps, probes=nz.Trace(), runs=trials, key=seed)
        fit = kinetic_ising(run.trace)
        return {"weights": intervals(fit, "weights", weights), "bias": intervals(fit, "bias", bias)}

    return one


def gain(g, size, observed, trials, times, covariance, dt=0.2) -> Callable[[int], Result]:
    def one(seed: int) -> Result:
        rng = np.random.default_rng(seed)
        drift = stable_drift(size, g, rng)
        data = linear_activity(drift, NOISE**2 * np.eye(size), dt, trials, times, rng)[:, :, :observed]
        fit = effective_gain(data, key=seed, size=size, covariance=covariance, dt=dt)
        valid = np.full(1, float(fit.valid))
        truths = {"gain": np.array(g), "noise": np.array(NOISE)}
        return {n: intervals(fit, n, t) for n, t in truths.items()} | {"valid": (valid, valid, valid, valid)}

    return one


def intervals(fit, name: str, truth: np.ndarray) -> tuple[np.ndarray, ...]:
    parts = (truth, fit[name].values, fit[f"{name}_low"].values, fit[f"{name}_high"].values)
    return tuple(np.atleast_1d(part).ravel() for part in parts)


CASES = {
    "linear, N = 10, 2000 samples, dt = 0.2": linear(10, 1, 2000, 0.2, 1),
    "linear, N = 10, 2000 samples, dt = 0.1, lag 3": linear(10, 1, 2000, 0.1, 3),
    "linear, N = 10, 200 trials of 20 samples": linear(10, 200, 20, 0.3, 1),
    "linear, N = 30, 5000 samples, dt = 0.5": linear(30, 1, 5000, 0.5, 1),
    "ising, N = 10, 3000 steps": ising(10, 1, 3000),
    "ising, N = 20, 1000 steps": ising(20, 1, 1000),
    "ising, N = 20, 50 trials of 100 steps": ising(20, 50, 100),
    "ising, N = 50, 10000 steps": ising(50, 1, 10000),
    "gain 0.3, N = 50, long windows": gain(0.3, 50, 50, 1, 10000, "long-window"),
    "gain 0.6, N = 50, long windows": gain(0.6, 50, 50, 1, 10000, "long-window"),
    "gain 0.8, N = 50, long windows": gain(0.8, 50, 50, 1, 10000, "long-window"),
    "gain 0.6, N = 50, equal times": gain(0.6, 50, 50, 1, 10000, "equal-time"),
    "gain 0.6, 30 of 100 units, 100 trials": gain(0.6, 100, 30, 100, 300, "long-window"),
    "gain 0.6, N = 100, 50 trials": gain(0.6, 100, 100, 50, 150, "long-window"),
}


def main(words: list[str]) -> None:
    sets = 20 if "--quick" in words else SETS
    chosen = [word for word in words if not word.startswith("--")] or ["linear", "ising", "gain"]
    title = f"95 % intervals over {sets} data sets"
    print(f"{title:46} {'of':18} {'inside, %':>13} {'error/rms':>9} {'bias':>8}")
    for name, case in CASES.items():
        if name.split(",")[0].split()[0] not in chosen:
            continue
        began = time.monotonic()
        results = [case(seed) for seed in range(sets)]
        for quantity in results[0]:
            truth, estimate, low, high = (np.array([r[quantity][i] for r in results]) for i in range(4))
            if quantity == "valid":
                print(f"{'':46} {'valid':18} {100 * truth.mean():5.1f}")
                continue
            inside = ((low <= truth) & (truth <= high)).mean(1)
            deviation = estimate - truth
            ratio = (high - low).mean() / (2 * 1.96) / np.sqrt((deviation**2).mean())
            share = f"{100 * inside.mean():5.1f} ± {100 * inside.std(ddof=1) / np.sqrt(sets):.1f}"
            print(f"{name:46} {quantity:18} {share:>13} {ratio:9.2f} {deviation.mean():8.4f}", flush=True)
        print(f"{'':46} {time.monotonic() - began:.0f} s", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])

"""Jobs of `gpu.py`, by public functions of Noisette; the device is that of the process."""

from typing import Any

import jax
import numpy as np
from _peer_problems import CURVE_DT, DT, SIGMA, rate_weights, start
from _peer_worker import Work, serve

import noisette as nz

LEADING = 64  # numbers of a result that are compared


def device() -> Work:
    """The number of accelerators, and the kind of the first device."""
    devices = jax.devices()
    number = sum(d.platform != "cpu" for d in devices)
    return Work(lambda steps, seed: None, lambda _: {"accelerators": [number], "kind": [devices[0].device_kind]})


def curve(size: int, gains: int) -> Work:
    """The largest exponents of several gains that share a matrix."""
    base, x = nz.RateNetwork(rate_weights(size, 1.0)), start(size)
    networks = [base.with_gain(float(g)) for g in np.linspace(0.5, 6.5, gains)]

    def run(steps: int, seed: int) -> np.ndarray:
        result = nz.simulate(networks, steps, nz.Lyapunov(), key=seed, dt=CURVE_DT, start=x, warn=False)
        return result.lyapunov.values.ravel()

    return Work(run, lambda exponents: {"exponents": exponents.tolist()})


def rate(size: int, runs: int) -> Work:
    """Many runs of a rate network in white noise."""
    network = nz.RateNetwork(rate_weights(size), noise=nz.White(SIGMA))

    def run(steps: int, seed: int) -> np.ndarray:
        options: dict[str, Any] = {"start": np.zeros(size), "dt": DT, "solver": "euler", "warn": False}
        return nz.simulate(network, steps, key=seed, runs=runs, **options).final.values

    def check(states: np.ndarray) -> dict:
        return {"mean square": [float((states**2).mean())], "states": states.ravel()[:LEADING].tolist()}

    return Work(run, check)


def training(networks: int, units: int) -> Work:
    """Trials of an ensemble in one program; the comparison is of the loss and the weights of the first networks."""
    task = nz.tasks.DMS()
    draw = nz.training.initial_networks(task, size=units, noise_channels=10)
    options = nz.training.TrainingOptions(layout="vectorised")

    def run(steps: int, seed: int) -> list:
        protocol = nz.training.Protocol(max_trials=steps, test_every=100, test_trials=1)
        return nz.training.train(task, networks, draw=draw, protocol=protocol, key=seed, options=options)

    def check(trained: list) -> dict:
        few = trained[:4]
        weights = [float(np.asarray(t.network.weights).mean()) for t in few]
        return {"loss": [float(t.loss) for t in few], "mean weight": weights}

    return Work(run, check)


JOBS = {"device": device, "curve": curve, "rate": rate, "training": training}

if __name__ == "__main__":
    serve(JOBS)

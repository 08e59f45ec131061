"""Contender: BrainPy, Euler's method of `brainpy.sdeint` in `brainpy.math.for_loop`; float64."""

import brainpy as bp
import brainpy.math as bm
import numpy as np
from _peer_problems import DT, SIGMA, rate_values, rate_weights
from _peer_worker import Work, serve

bm.enable_x64()
bm.set_dt(DT)


def rate(size: int, runs: int) -> Work:
    """A rate network in white noise, all runs in one product."""
    transposed = bm.asarray(rate_weights(size).T)
    integral = bp.sdeint(f=lambda x, t: bm.tanh(x) @ transposed - x, g=lambda x, t: SIGMA, method="euler")
    x = bm.Variable(bm.zeros((runs, size)))

    @bm.jit
    def advance(times):
        def step(t):
            x.value = integral(x.value, t, dt=DT)

        bm.for_loop(step, times)

    def run(steps: int, seed: int) -> np.ndarray:
        bm.random.seed(seed)
        x.value = bm.zeros((runs, size))
        advance(bm.arange(steps) * DT)
        return np.asarray(bm.as_numpy(x.value))

    return Work(run, rate_values)


JOBS = {"rate": rate}

if __name__ == "__main__":
    serve(JOBS)

"""Contender: reservoirpy, a reservoir and a readout of all lags by one ridge regression."""

import numpy as np
from _peer_problems import LAGS, reservoir
from _peer_worker import Work, serve
from reservoirpy.nodes import Reservoir, Ridge


def memory(size: int) -> Work:
    """Memory function of a reservoir."""
    weights, inputs, signal = reservoir(size)

    def run(steps: int, seed: int) -> np.ndarray:
        node = Reservoir(W=weights, Win=inputs, bias=np.zeros(size), lr=1.0)
        states = node.run(signal[:-1])  # the state after S[k] is that before S[k + 1]
        rows = np.arange(200, len(signal))
        targets = signal[rows[:, None] - np.arange(1, LAGS + 1), 0]
        readout = Ridge(ridge=1e-10)
        readout.fit(states[rows[:3040] - 1], targets[:3040])
        fitted, scored = readout.run(states[rows[3040:] - 1]), targets[3040:]
        return 1 - ((scored - fitted) ** 2).mean(0) / scored.var(0)

    return Work(run, lambda scores: {"capacity": [float(scores.sum()), 0.0]})


JOBS = {"memory": memory}

if __name__ == "__main__":
    serve(JOBS)

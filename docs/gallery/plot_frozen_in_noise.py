"""Gradient dynamics at a temperature
==================================

FINDING
"""

import jax
import matplotlib.pyplot as plt
import numpy as np

import noisette as nz

size, runs, temperatures = 60, 8, np.geomspace(1e-4, 1.0, 7)
W = nz.weights.gaussian(size, size**-0.5, self_coupling=False, key=jax.random.key(0))
results = {}
for gain in (0.6, 2.0):
    frozen = nz.Onsager(nz.RateNetwork(W, gain))
    found = nz.analysis.slow_points(frozen.network, np.random.default_rng(0).normal(size=(1, size)))
    minimum = found.state.values[0]
    H = -np.asarray(nz.analysis.jacobian(frozen, minimum))
    rates, vectors = np.linalg.eigh(H)
    print(gain, found, rates[:5])
    for T in temperatures:
        draws = np.random.default_rng(1).normal(size=(runs, size)) * np.sqrt(T / rates)  # C = T/H
        start = minimum + draws @ vectors.T
        run = nz.simulate(
            frozen.with_noise(nz.White((2 * T) ** 0.5)), duration=1000, dt=0.02, start=start, runs=runs,
            probes=nz.Covariance(every=10), key=1, warn=False
        )
        results[gain, T] = run.covariance.values
        C = run.covariance.values
        print(gain, T, [nz.participation_dimension(c) for c in C], np.trace(C.mean(0)) / (T * (1 / rates).sum()))

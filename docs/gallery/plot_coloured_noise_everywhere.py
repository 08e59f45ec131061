"""Coloured noise in four kinds of networks
========================================

FINDING
"""

import jax
import matplotlib.pyplot as plt
import numpy as np

import noisette as nz
from noisette.papers.working_memory import example

times = np.geomspace(0.1, 300, 8)  # correlation times, in steps or time constants
size = 60
W = nz.weights.gaussian(size, size**-0.5, self_coupling=False, key=jax.random.key(0))


def coloured(std: float, tau: float) -> nz.OrnsteinUhlenbeck:
    """Return the noise for which an isolated leaky unit has standard deviation `std`."""
    return nz.OrnsteinUhlenbeck(std * ((1 + tau) / tau) ** 0.5, tau)


def information(tau):
    network = nz.Boltzmann(nz.weights.hopfield([24, 7], 10), noise=nz.OrnsteinUhlenbeck(20.0, tau))
    run = nz.simulate(network, 3000, nz.JointStates(), start=24, runs=20, key=0)
    return nz.analysis.plug_in(run.joint_states.values, "miller-madow").information


def exponent(tau):
    run = nz.simulate(
        nz.RateNetwork(W, 3.0, noise=coloured(1.0, tau)), duration=200, dt=0.05, probes=nz.Lyapunov(discard=50), runs=8, key=1
    )
    return run.lyapunov.values[:, 0]


def energy(tau):
    frozen = nz.Onsager(nz.RateNetwork(W, 3.0, noise=coloured(0.1, tau)))
    run = nz.simulate(frozen, duration=200, dt=0.02, probes=nz.Speed(every=50), runs=8, key=2)
    return run.speed.values[:, 100:].mean(1)


def accuracy(tau):
    trained, task = example(10), nz.tasks.DMS(delay=750)
    network, milliseconds = trained.network, 50 * tau
    scale = ((network.tau + milliseconds) / (network.tau * milliseconds)) ** 0.5 / network.tau**0.5
    noise = nz.OrnsteinUhlenbeck(0.5 * np.asarray(scale), milliseconds)
    answers = nz.training.run_trials(network.with_noise(noise), task, 60, key=3, score="strict")
    return answers.correct.values


for tau in times:
    for f in (information, exponent, energy, accuracy):
        v = f(tau)
        print(f"{tau:.2f} {f.__name__} {v.mean():.3f} ± {v.std() / len(v)**.5:.3f}")

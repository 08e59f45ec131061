"""Networks that differ in numbers share compiled programs: many of them need neither more time nor more memory maps."""

import jax
import numpy as np
import pytest

import noisette as nz
from noisette import analysis, networks, tasks

N = 8
X = np.linspace(-1, 1, N)
RUN = {"duration": 5.0, "warn": False}


def rate(seed):
    """Return a network whose weights, gain, time constants and noise depend on the seed."""
    weights = np.random.default_rng(seed).standard_normal((N, N)) / np.sqrt(N)
    tau = np.linspace(1 + 0.1 * seed, 2.0, N)
    return nz.RateNetwork(weights, 0.5 + 0.1 * seed, tau=tau, noise=nz.White(0.1 * seed))


def trained(seed):
    """Return a task network whose time constants and weights depend on the seed."""
    return networks.TaskNetwork.random(N, channels=2, noise_channels=1, density=0.7, key=seed)


CALLS = {
    "simulate": lambda seed: nz.simulate(rate(seed), dt="auto", probes=nz.Covariance(), key=seed, **RUN),
    "lyapunov_spectrum": lambda seed: nz.lyapunov_spectrum(rate(seed), 2, dt=0.1, discard=1.0, key=seed, **RUN),
    "step_audit": lambda seed: nz.step_audit(rate(seed), 0.1, duration=5.0, runs=2, key=seed),
    "nearest_fixed_point": lambda seed: analysis.nearest_fixed_point(rate(seed), X),
    "modes": lambda seed: analysis.modes(rate(seed), X),
    "synchronisation": lambda seed: analysis.synchronisation(rate(seed), duration=5.0, dt=0.1, key=seed),
    "delay_state": lambda seed: analysis.delay_state(trained(seed), tasks.DMS(), key=seed),
    "perturb": lambda seed: analysis.perturb(trained(seed), tasks.DMS(), X < 0, 1.0, trials=2, key=seed),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CALLS)
def test_numbers_do_not_change_programs(name, caplog):
    for seed in (1, 2):
        CALLS[name](seed)
    caplog.clear()
    with jax.log_compiles():
        CALLS[name](3)
    assert [record.message for record in caplog.records if record.message.startswith("Compiling")] == []

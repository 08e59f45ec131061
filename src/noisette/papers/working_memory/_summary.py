"""Summary of a trained network: all quantities required by the figures and claims, without the weights."""

from typing import Any

import jax
import numpy as np
import xarray as xr

from noisette.analysis import connectivity, delay_state, dominant_units, modes, persistent_activity, perturb, supports
from noisette.analysis._delay import window_name
from noisette.networks import TaskNetwork
from noisette.tasks import DMS, Task
from noisette.training import FixedTau, Trained, test

DELAYS = (250.0, 750.0, 1250.0)
CONDITIONS = {"both": (10, 1.0), "internal": (10, 0.0), "input": (0, 1.0), "none": (0, 0.0)}
SURGERIES = {"untouched": None, "all": "all", "inhibitory": "inhibitory", "excitatory": "excitatory"}
MAX_TAU = 125.0  # ms
TRIALS = 100
AMPLITUDES = (1.0, 5.0)  # of the additional current of a perturbation; the paper states neither its form nor its size
EVERY = 5  # interval between stored time points of rates, in steps
TIMES = 60
SINGLE = np.float32


def summary(trained: Trained, task: Task, key: jax.Array, *, full: bool, disturbed: bool = False) -> xr.Dataset:
    """Return the summary of one network.

    Parameters
    ----------
    trained : the network at the end of its training
    task : task on which it was trained
    key : random key
    full : include robustness, spectra and rates in the delay, for networks that learned delayed match to sample
    disturbed : include accuracies under perturbation of leading modes, for networks that learned their task
    """
    network = trained.network
    tau, excitatory = network.tau, network.excitatory
    statistics = connectivity(network)
    columns: dict[str, Any] = {
        "success": SINGLE(trained.success),
        "trials": SINGLE(trained.trials),
        "loss": SINGLE(trained.loss),
        "accuracy": SINGLE(trained.accuracy),
        "inhibitory": int((~excitatory).sum()),
        "tau": ("unit", tau.astype(SINGLE)),
        "excitatory": ("unit", excitatory.astype(SINGLE)),
        "connections": ("pair", statistics.connections.values.astype(np.int32)),
        "mean_strength": ("pair", statistics.mean_strength.values.astype(SINGLE)),
        "core_size": int(statistics.core_size),
        "leak_share": SINGLE(statistics.leak_share),
        "noise_rms": SINGLE(np.sqrt(np.mean(np.square(network.noise_weights)))) if network.noise_channels else np.nan,
    }
    coords = {"pair": statistics.pair.values}
    if full and trained.success:
        for part in (_robustness(network, task, key), _stability(network, task, key)):
            columns |= part
        coords |= {"delay": list(DELAYS), "condition": list(CONDITIONS), "score": ["threshold", "strict"]}
        coords |= {"surgery": list(SURGERIES), "group": ["dominant", "non-dominant"], "part": ["real", "imaginary"]}
    if disturbed and trained.success:
        columns |= _perturbation(network, task, key)
        coords["amplitude"] = list(AMPLITUDES)
    return xr.Dataset(columns, coords)


def _robustness(network: TaskNetwork, task: Task, key: jax.Array) -> dict[str, Any]:
    """Return accuracies with new noise weights over longer delays, and with fixed time constants."""
    base = DMS(inputs=network.channels, dt=network.dt)
    rows = []
    for number, (internal, input_noise) in enumerate(CONDITIONS.values()):
        result = test(
            network,
            base,
            delays=DELAYS,
            internal_noise=internal,
            input_noise=input_noise,
            trials=TRIALS,
            key=jax.random.fold_in(key, number),
        )
        rows.append(result.accuracy.values[0])
    modified = []
    for cells in SURGERIES.values():
        fixed_tau = None if cells is None else FixedTau(MAX_TAU, cells)
        result = test(
            network,
            task,
            internal_noise="trained",
            input_noise=0.0,
            trials=TRIALS,
            fixed_tau=fixed_tau,
            key=jax.random.fold_in(key, 10),
        )
        modified.append(result.accuracy.values[0, 0])
    return {
        "robustness": (["condition", "delay", "score"], np.array(rows, SINGLE)),
        "after_surgery": (["surgery", "score"], np.array(modified, SINGLE)),
    }


def _stability(network: TaskNetwork, task: Task, key: jax.Array) -> dict[str, Any]:
    """Return the spectrum about the mean state in the delay, the dominant units and their firing rates."""
    delay_key = jax.random.fold_in(key, 20)
    state = delay_state(network, task, key=delay_key)
    spectrum = modes(network, state.state)
    dominant = dominant_units(spectrum).values
    activity = persistent_activity(network, task, dominant, key=delay_key)
    real, imaginary = (spectrum.eigenvalue.sel(part=part).values for part in ("real", "imaginary"))
    pairs = np.abs(imaginary) > 1e-9 * np.abs(real)
    mean = lambda values: float(values.mean()) if values.size else np.nan  # noqa: E731
    tau = network.tau
    rate = activity.rate.mean("stimulus").values[:, EVERY - 1 :: EVERY][:, :TIMES]
    return {
        "residual": SINGLE(state.residual.max()),
        "distance": SINGLE(state.distance.max()),
        "converged": SINGLE(state.converged.all()),
        "eigenvalue": (["mode", "part"], spectrum.eigenvalue.isel(stimulus=0).values.astype(SINGLE)),
        "largest": SINGLE(spectrum.largest.max()),
        "mean_complex": SINGLE(mean(real[pairs])),
        "complex_pairs": int(pairs.sum()) // 2,
        "ipr_top10": SINGLE(spectrum.mean_ipr_left_top10.mean()),
        "ipr_all": SINGLE(spectrum.ipr_left.mean()),
        "dominant": int(dominant.sum()),
        "dominant_inhibitory": SINGLE(mean((~network.excitatory)[dominant])),
        "tau_dominant": SINGLE(mean(tau[dominant])),
        "tau_other": SINGLE(mean(tau[~dominant])),
        "delay_rate": ("group", activity.mean_delay_rate.values.astype(SINGLE)),
        "rate": (["group", "time"], rate.astype(SINGLE)),
    }


def _perturbation(network: TaskNetwork, task: Task, key: jax.Array) -> dict[str, Any]:
    """Return mean accuracy and mean PIPR under perturbation of the units of each of the ten leading modes."""
    chosen = jax.random.fold_in(key, 30)
    # modes about the mean state of the delay; for CTX, which has no delay, about the mean state of the response
    state = delay_state(network, task, window=window_name(task), key=chosen).isel(stimulus=0)
    spectrum = modes(network, state.state)
    units, accuracy, ratio = supports(spectrum), [], []
    for amplitude in AMPLITUDES:
        result = perturb(network, task, units, amplitude, trials=TRIALS, ipr=spectrum.ipr_left, key=chosen)
        finite = np.isfinite(result.pipr.values)
        accuracy.append(float(result.accuracy.mean()))
        ratio.append(float(result.pipr.values[finite].mean()) if finite.any() else np.nan)
    return {
        "accuracy_disturbed": ("amplitude", np.array(accuracy, SINGLE)),
        "pipr": ("amplitude", np.array(ratio, SINGLE)),
    }

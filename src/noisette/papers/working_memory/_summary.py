"""What is kept of each trained network: everything that the figures and claims need, and no weights."""

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
SLOWEST = 125.0  # ms
TRIALS = 100
AMPLITUDES = (1.0, 5.0)  # of the extra current of a perturbation; the paper names neither form nor size
EVERY = 5  # time points of rates that are kept
TIMES = 60
SINGLE = np.float32


def summary(trained: Trained, task: Task, key: jax.Array, *, full: bool, disturbed: bool = False) -> xr.Dataset:
    """Return the summary of one network.

    Parameters
    ----------
    trained : at the end of its training
    task : that it was trained on
    key : random key
    full : with robustness, spectra and rates in the delay, of networks that learned delayed match to sample
    disturbed : with accuracies while the units of leading modes are perturbed, of networks that learned their task
    """
    network = trained.network
    tau, excitatory = network.tau, network.excitatory
    enumeration = connectivity(network)
    columns: dict[str, Any] = {
        "success": SINGLE(trained.success),
        "trials": SINGLE(trained.trials),
        "loss": SINGLE(trained.loss),
        "accuracy": SINGLE(trained.accuracy),
        "inhibitory": int((~excitatory).sum()),
        "tau": ("unit", tau.astype(SINGLE)),
        "excitatory": ("unit", excitatory.astype(SINGLE)),
        "connections": ("pair", enumeration.connections.values.astype(np.int32)),
        "mean_strength": ("pair", enumeration.mean_strength.values.astype(SINGLE)),
        "core_size": int(enumeration.core_size),
        "leak_share": SINGLE(enumeration.leak_share),
        "noise_rms": SINGLE(np.sqrt(np.mean(np.square(network.noise_weights)))) if network.noise_channels else np.nan,
    }
    coords = {"pair": enumeration.pair.values}
    if full and trained.success:
        for part in (_robustness(network, task, key), _stability(network, task, key)):
            columns |= part
        coords |= {"delay": list(DELAYS), "condition": list(CONDITIONS), "score": ["threshold", "strict"]}
        coords |= {"surgery": list(SURGERIES), "group": ["dominant", "non-dominant"], "part": ["real", "imaginary"]}
    if disturbed and trained.success:
        columns |= _disturbed(network, task, key)
        coords["amplitude"] = list(AMPLITUDES)
    return xr.Dataset(columns, coords)


def _robustness(network: TaskNetwork, task: Task, key: jax.Array) -> dict[str, Any]:
    """Return accuracies in fresh noise over longer delays, and after surgery on the time constants."""
    base = DMS(inputs=network.channels, dt=network.dt)
    rows = []
    for number, (internal, heard) in enumerate(CONDITIONS.values()):
        found = test(
            network,
            base,
            delays=DELAYS,
            internal_noise=internal,
            input_noise=heard,
            trials=TRIALS,
            key=jax.random.fold_in(key, number),
        )
        rows.append(found.accuracy.values[0])
    cut = []
    for cells in SURGERIES.values():
        fixed_tau = None if cells is None else FixedTau(SLOWEST, cells)
        found = test(
            network,
            task,
            internal_noise="trained",
            input_noise=0.0,
            trials=TRIALS,
            fixed_tau=fixed_tau,
            key=jax.random.fold_in(key, 10),
        )
        cut.append(found.accuracy.values[0, 0])
    return {
        "robustness": (["condition", "delay", "score"], np.array(rows, SINGLE)),
        "after_surgery": (["surgery", "score"], np.array(cut, SINGLE)),
    }


def _stability(network: TaskNetwork, task: Task, key: jax.Array) -> dict[str, Any]:
    """Return spectra about the mean state in the delay, dominant units, and how these fire."""
    chosen = jax.random.fold_in(key, 20)
    state = delay_state(network, task, key=chosen)
    found = modes(network, state.state)
    dominant = dominant_units(found).values
    activity = persistent_activity(network, task, dominant, key=chosen)
    real, imaginary = (found.eigenvalue.sel(part=part).values for part in ("real", "imaginary"))
    pairs = np.abs(imaginary) > 1e-9 * np.abs(real)
    mean = lambda values: float(values.mean()) if values.size else np.nan  # noqa: E731
    tau = network.tau
    rate = activity.rate.mean("stimulus").values[:, EVERY - 1 :: EVERY][:, :TIMES]
    return {
        "residual": SINGLE(state.residual.max()),
        "distance": SINGLE(state.distance.max()),
        "converged": SINGLE(state.converged.all()),
        "eigenvalue": (["mode", "part"], found.eigenvalue.isel(stimulus=0).values.astype(SINGLE)),
        "largest": SINGLE(found.largest.max()),
        "mean_complex": SINGLE(mean(real[pairs])),
        "complex_pairs": int(pairs.sum()) // 2,
        "ipr_top10": SINGLE(found.mean_ipr_left_top10.mean()),
        "ipr_all": SINGLE(found.ipr_left.mean()),
        "dominant": int(dominant.sum()),
        "dominant_inhibitory": SINGLE(mean((~network.excitatory)[dominant])),
        "tau_dominant": SINGLE(mean(tau[dominant])),
        "tau_other": SINGLE(mean(tau[~dominant])),
        "delay_rate": ("group", activity.mean_delay_rate.values.astype(SINGLE)),
        "rate": (["group", "time"], rate.astype(SINGLE)),
    }


def _disturbed(network: TaskNetwork, task: Task, key: jax.Array) -> dict[str, Any]:
    """Return mean accuracy and mean PIPR while the units of each of the ten leading modes are disturbed."""
    chosen = jax.random.fold_in(key, 30)
    # about the mean state of the delay; CTX has none, and its modes are those about the mean state of the response
    state = delay_state(network, task, window=window_name(task), key=chosen).isel(stimulus=0)
    found = modes(network, state.state)
    units, accuracy, ratio = supports(found), [], []
    for amplitude in AMPLITUDES:
        result = perturb(network, task, units, amplitude, trials=TRIALS, ipr=found.ipr_left, key=chosen)
        finite = np.isfinite(result.pipr.values)
        accuracy.append(float(result.accuracy.mean()))
        ratio.append(float(result.pipr.values[finite].mean()) if finite.any() else np.nan)
    return {
        "accuracy_disturbed": ("amplitude", np.array(accuracy, SINGLE)),
        "pipr": ("amplitude", np.array(ratio, SINGLE)),
    }

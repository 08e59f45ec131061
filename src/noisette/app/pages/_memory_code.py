"""Python code of the page about working memory."""

from typing import Any

from noisette.app import uploads
from noisette.app.pages import _memory_figures as figures
from noisette.app.pages import _memory_networks as networks


def python(view: Any) -> str:
    """Return the code with which the view is computed."""
    if view.network in networks.STORED:
        first = (
            f"from noisette.papers.working_memory import example\n\nnetwork = example({networks.STORED[view.network]})"
        )
    else:
        first = f"\nnetwork = nz.training.load({uploads.uploaded(view.network).name!r}).network"
    lines = ["import jax", "import xarray as xr", "", "import noisette as nz", *first.split("\n")]
    lines.append(f"noise_key, key = jax.random.split(jax.random.key({view.seed}))")
    if view.tau_of != "trained":
        lines.append(f"network = network.with_tau({view.tau!r}, {view.tau_of!r})")
    if view.channels == "fresh":
        drawn = f"jax.random.normal(noise_key, (network.size, {networks.FRESH}))"
    else:
        drawn = "network.noise_weights"
    lines += [f"noise_weights = {drawn}", f"network = network.with_noise_weights({view.internal!r} * noise_weights)"]
    lines += [*_task(view), "", *_trial(view)]
    return "\n".join([*lines, "", *_results(view)]) + "\n"


def _task(view: Any) -> list[str]:
    kind = type(view.own_task()).__name__
    values = networks.task_parameters(view.network, view.task, view.delay, view.input_noise)
    return [f"task = nz.tasks.{kind}({', '.join(f'{name}={value!r}' for name, value in values.items())})"]


def _trial(view: Any) -> list[str]:
    label = int(view.condition) - 1
    options = f'key=key, label={label}, score="strict", units=True'
    if not view.pulse:
        return [f"trial = nz.training.run_trials(network, task, 1, {options})"]
    task = view.own_task()
    start, stop = networks.memory_window(task)
    strength = f"{view.pulse!r} / {networks.PULSE!r} ** 0.5"
    pulse = f"nz.Pulse({strength}, {networks.pulse_start(task)!r}, {networks.PULSE!r}, nz.Channels(line[:, None]))"
    calm = "nz.training.run_trials(network, task, 1, key=key, label=n, internal_noise=False, units=True)"
    return [
        f"first, last = ({calm} for n in (0, {len(task.conditions) - 1}))",
        f'line = (first.units - last.units)[0, {start}:{stop}].mean("time").values.astype(float)',
        f"member = network.with_noise(network.noise + {pulse})",
        f"trial = nz.training.run_trials(member, task, 1, {options})",
    ]


def _results(view: Any) -> list[str]:
    """Return the lines that compute accuracies, modes and trajectories, and print the main numbers."""
    task = view.own_task()
    every = figures.stride(task.steps, figures.SHOWN_STATES)
    repeats = networks.REPEATS
    return [
        *_accuracy(view),
        "",
        f"options = dict(key=key, window={networks.window_of(task)!r}, fixed_points=False)",
        f"state = nz.analysis.delay_state(network, task, {repeats}, **options)",
        "modes = nz.analysis.modes(network, state.state)",
        "means = [",
        f'    nz.training.run_trials(network, task, {repeats}, key=key, label=n, units=True).units.mean("trial")',
        "    for n, _ in enumerate(task.conditions)",
        "]",
        f'paths = nz.analysis.pca(xr.concat(means, "condition")[:, {figures.onset(task)}::{every}].astype(float))',
        "",
        "output = trial.outputs.where(trial.mask > 0).mean()",
        'print(f"mean output {float(output):.4f}, correct: {bool(trial.correct[0])}")',
        'print(f"mean τ of inhibitory units {network.tau[~network.excitatory].mean():.2f} ms")',
        "print(modes.largest.to_series())",
        "print(accuracy.to_pandas())",
    ]


def _accuracy(view: Any) -> list[str]:
    """Return the lines that compute the accuracies."""
    varied = view.varied()
    values = f"values = {view.values()!r}"
    common = f'internal_noise="trained", trials={view.trials}, key=key'
    if varied == "delay":
        lines = [
            "accuracy = nz.training.test(",
            f"    network, task, delays=values, {common}, input_noise={view.input_noise!r}",
            ").accuracy[0]",
        ]
        return [values, *lines]
    member, noise = "network", "value"
    if varied == "internal":
        member, noise = "network.with_noise_weights(value * noise_weights)", repr(view.input_noise)
    return [
        values,
        "tests = [",
        f"    nz.training.test({member}, task, {common}, input_noise={noise})",
        "    for value in values",
        "]",
        f'axis = xr.DataArray(values, name="{varied}", dims="{varied}")',
        "accuracy = xr.concat([test.accuracy[0, 0] for test in tests], axis)",
    ]

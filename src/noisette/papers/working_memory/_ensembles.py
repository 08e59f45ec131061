"""Ensembles of networks on which the figures are based, and their training."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import jax

from noisette.networks import TaskNetwork
from noisette.tasks import AFC, CTX, DMS, Task
from noisette.training import Protocol, Trained, train

CHANNELS = (0, 1, 5, 10)
NONE_AND_TEN = (0, 10)  # values of C that are also trained at quick scale; the stored experiment contains all values
SIZE = {"smoke": 24, "quick": 200, "paper": 200}
NETWORKS = {"smoke": 2, "quick": 4, "paper": 50}
FIXED = {"smoke": 1, "quick": 2, "paper": 10}  # networks with a fixed time constant, all of which reach the last trial
MIN_TAU = (20.0, 20.001)  # ms; the range is so narrow that the time constant is practically fixed


def _every_network(loss: float, accuracy: float) -> bool:
    return True


# at smoke scale every network counts as trained at its first test, so that all later steps are run as well
PROTOCOL = {"smoke": Protocol(max_trials=2, test_trials=4, criterion=_every_network), "quick": None, "paper": None}


@dataclass(frozen=True)
class Ensemble:
    """Ensemble of networks that differ only in their random numbers.

    Parameters
    ----------
    name : name of the folder in which they are stored
    task : task on which they are trained
    noise_channels : number C of noise channels
    number : offset of the seed; different for every ensemble
    fixed : whether all time constants are fixed at the minimum
    quick : whether it is also trained at quick scale
    """

    name: str
    task: Task
    noise_channels: int
    number: int
    fixed: bool = False
    quick: bool = True

    def seed(self, base: int) -> int:
        """Return the seed of this ensemble; no two ensembles share random numbers."""
        return 1000 * base + self.number

    def count(self, scale: str) -> int:
        """Return the number of networks at a scale."""
        return FIXED[scale] if self.fixed else NETWORKS[scale]

    def folder(self, out: Path, scale: str) -> Path:
        """Return the folder of the networks; those of quick scale are the first of those of paper scale."""
        return out / ("smoke-networks" if scale == "smoke" else "networks") / self.name

    def draw(self, scale: str) -> Callable[..., TaskNetwork]:
        """Return the function that draws one network."""
        more: dict[str, Any] = {"tau_range": MIN_TAU} if self.fixed else {}
        task = self.task
        return partial(
            TaskNetwork.random,
            SIZE[scale],
            channels=task.channels,
            outputs=task.outputs,
            dt=task.dt,
            noise_channels=self.noise_channels,
            **more,
        )

    def trained(self, scale: str, base: int, out: Path, **options: Any) -> list[Trained]:
        """Train the networks, resume their training, or load them if they are trained."""
        return train(
            self.task,
            self.count(scale),
            draw=self.draw(scale),
            protocol=PROTOCOL[scale],
            key=self.seed(base),
            folder=self.folder(out, scale),
            **options,
        )


def _dms(inputs: int, channels: int) -> Ensemble:
    return Ensemble(
        f"u{inputs}-c{channels}", DMS(inputs=inputs), channels, 100 * inputs + channels, quick=channels in NONE_AND_TEN
    )


WHOLE = tuple(_dms(inputs, channels) for inputs in (2, 1) for channels in CHANNELS)
DELAYS = (
    Ensemble("delay-50", DMS(delay=50.0), 0, 300),
    Ensemble("delay-150", DMS(delay=150.0), 0, 400, quick=False),
)
TWO_DELAYS = tuple(
    Ensemble(f"two-delays-c{channels}", DMS(second_delay=250.0), channels, 800 + channels, quick=False)
    for channels in NONE_AND_TEN
)
FIXED_TAU = Ensemble("fixed-tau", DMS(), 0, 500, fixed=True)
AFC_CTX = tuple(
    Ensemble(f"{name}-c{channels}", task, channels, number + channels, quick=channels in NONE_AND_TEN)
    for name, task, number in (("afc", AFC(), 600), ("ctx", CTX(), 700))
    for channels in CHANNELS
)
ENSEMBLES = {ensemble.name: ensemble for ensemble in (*WHOLE, *DELAYS, *TWO_DELAYS, FIXED_TAU, *AFC_CTX)}


def of_dms(inputs: int) -> list[Ensemble]:
    """Return the ensembles of the main experiment, in increasing order of C."""
    return [ENSEMBLES[f"u{inputs}-c{channels}"] for channels in CHANNELS]


def key_of(ensemble: Ensemble, index: int, base: int) -> jax.Array:
    """Return the random key for the measurements of a network."""
    return jax.random.fold_in(jax.random.key(ensemble.seed(base) + 500_000_000), index)


def ensembles_named(names: Sequence[str], scale: str) -> list[Ensemble]:
    """Return the named ensembles that are trained at a scale, without repetitions."""
    ensembles = [ENSEMBLES[name] for name in dict.fromkeys(names)]
    return [ensemble for ensemble in ensembles if ensemble.quick or scale == "paper"]

"""Networks trained in one program equal networks that are trained alone."""

import dataclasses
import functools

import jax
import numpy as np
import pytest

from noisette import tasks, training
from noisette.errors import InputError
from noisette.networks import TaskNetwork
from noisette.training import TrainingOptions

TASK = tasks.AFC(fixation=25, stimulus=25, duration=100)
VECTORISED = TrainingOptions(layout="vectorised")
DRAW = functools.partial(TaskNetwork.random, 40, channels=1, noise_channels=2)


def alike(one: training.Trained, other: training.Trained) -> bool:
    pairs = zip(jax.tree.leaves(one.network), jax.tree.leaves(other.network), strict=True)
    return all(np.array_equal(np.asarray(a), np.asarray(b)) for a, b in pairs if hasattr(a, "shape"))


@pytest.fixture(scope="module")
def protocol():
    """Return one that some of four networks pass early, and others never."""
    return training.Protocol(max_trials=122, test_every=20, test_trials=20, loss_below=1.55, accuracy_above=0.3)


@pytest.fixture(scope="module")
def separate(protocol):
    return training.train(
        TASK, 4, draw=DRAW, protocol=protocol, options=TrainingOptions(exact=False, layout="separate")
    )


def test_a_masked_ensemble_is_its_networks_bit_by_bit(separate, protocol, tmp_path):
    """Networks that end early remain in the batch for a while, without effect on others."""
    ended = []
    vectorised = training.train(
        TASK,
        4,
        draw=DRAW,
        protocol=protocol,
        folder=tmp_path,
        options=TrainingOptions(layout="vectorised", on_end=ended.append),
    )
    assert len({one.trials for one in separate}) > 1, "all ended at once: this test would show nothing"
    for one, other in zip(separate, vectorised, strict=True):
        assert (one.trials, one.status) == (other.trials, other.status)
        assert alike(one, other)
    assert {one.index for one in ended} == {0, 1, 2, 3}
    again = training.train(TASK, 4, draw=DRAW, protocol=protocol, folder=tmp_path, options=VECTORISED)
    assert all(alike(one, other) for one, other in zip(vectorised, again, strict=True))


def test_vectorised_networks_resume_bit_by_bit(separate, protocol, tmp_path):
    class Stop(KeyboardInterrupt):
        pass

    def stop(index, state):
        if state.trials >= 42:
            raise Stop

    call = functools.partial(training.train, TASK, 4, draw=DRAW, protocol=protocol, folder=tmp_path)
    with pytest.raises(Stop):
        call(options=dataclasses.replace(VECTORISED, on_test=stop))
    assert all(alike(one, other) for one, other in zip(separate, call(options=VECTORISED), strict=True))


def test_an_unknown_layout_is_refused():
    with pytest.raises(InputError, match="separate"):
        TrainingOptions(layout="sideways")

"""Networks trained in one program equal networks trained alone."""

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


def alike(first: training.Trained, second: training.Trained) -> bool:
    pairs = zip(jax.tree.leaves(first.network), jax.tree.leaves(second.network), strict=True)
    return all(np.array_equal(np.asarray(a), np.asarray(b)) for a, b in pairs if hasattr(a, "shape"))


@pytest.fixture(scope="module")
def protocol():
    """Return a protocol in which some of four networks pass early and others never."""
    return training.Protocol(max_trials=122, test_every=20, test_trials=20, loss_below=1.55, accuracy_above=0.3)


@pytest.fixture(scope="module")
def separate(protocol):
    return training.train(
        TASK, 4, draw=DRAW, protocol=protocol, options=TrainingOptions(exact=False, layout="separate")
    )


@pytest.mark.slow
def test_a_vectorised_ensemble_equals_its_networks_bit_for_bit(separate, protocol, tmp_path):
    """Networks that end early remain in the batch for a while, without effect on the others."""
    ended = []
    vectorised = training.train(
        TASK,
        4,
        draw=DRAW,
        protocol=protocol,
        folder=tmp_path,
        options=TrainingOptions(layout="vectorised", on_end=ended.append),
    )
    assert len({first.trials for first in separate}) > 1, "all networks ended at once, so that this test shows nothing"
    for first, second in zip(separate, vectorised, strict=True):
        assert (first.trials, first.status) == (second.trials, second.status)
        assert alike(first, second)
    assert {first.index for first in ended} == {0, 1, 2, 3}
    again = training.train(TASK, 4, draw=DRAW, protocol=protocol, folder=tmp_path, options=VECTORISED)
    assert all(alike(first, second) for first, second in zip(vectorised, again, strict=True))


@pytest.mark.slow
def test_vectorised_training_resumes_bit_for_bit(separate, protocol, tmp_path):
    class Stop(KeyboardInterrupt):
        pass

    def stop(index, state):
        if state.trials >= 42:
            raise Stop

    call = functools.partial(training.train, TASK, 4, draw=DRAW, protocol=protocol, folder=tmp_path)
    with pytest.raises(Stop):
        call(options=dataclasses.replace(VECTORISED, on_test=stop))
    assert all(alike(first, second) for first, second in zip(separate, call(options=VECTORISED), strict=True))


def test_an_unknown_layout_is_refused():
    with pytest.raises(InputError, match="separate"):
        TrainingOptions(layout="sideways")

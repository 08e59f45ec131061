"""Networks in one program are the networks that they would be alone."""

import functools

import jax
import numpy as np
import pytest

from noisette import tasks, training
from noisette.errors import InputError
from noisette.networks import TaskNetwork

TASK = tasks.AFC(fixation=25, stimulus=25, duration=100)
DRAW = functools.partial(TaskNetwork.random, 40, channels=1, noise_channels=2)


def alike(one: training.Trained, other: training.Trained) -> bool:
    pairs = zip(jax.tree.leaves(one.network), jax.tree.leaves(other.network), strict=True)
    return all(np.array_equal(np.asarray(a), np.asarray(b)) for a, b in pairs if hasattr(a, "shape"))


@pytest.fixture(scope="module")
def protocol():
    """Return one that some of four networks pass early, and others never."""
    return training.Protocol(max_trials=122, test_every=20, test_trials=20, loss_below=1.55, accuracy_above=0.3)


@pytest.fixture(scope="module")
def apart(protocol):
    return training.train(TASK, 4, initial=DRAW, protocol=protocol, exact=False, layout="apart")


def test_a_masked_ensemble_is_its_networks_bit_by_bit(apart, protocol, tmp_path):
    """Those that end early stay in their lanes for a while, and disturb nobody."""
    said = []
    together = training.train(
        TASK, 4, initial=DRAW, protocol=protocol, layout="together", out=tmp_path, finished=said.append
    )
    assert len({one.trials for one in apart}) > 1, "all ended at once: this test would show nothing"
    for one, other in zip(apart, together, strict=True):
        assert (one.trials, one.status) == (other.trials, other.status)
        assert alike(one, other)
    assert {one.index for one in said} == {0, 1, 2, 3}
    again = training.train(TASK, 4, initial=DRAW, protocol=protocol, layout="together", out=tmp_path)
    assert all(alike(one, other) for one, other in zip(together, again, strict=True))


def test_networks_interrupted_together_go_on_bit_by_bit(apart, protocol, tmp_path):
    class Stop(KeyboardInterrupt):
        pass

    def stop(index, course):
        if course.trials >= 42:
            raise Stop

    call = functools.partial(training.train, TASK, 4, initial=DRAW, protocol=protocol, layout="together", out=tmp_path)
    with pytest.raises(Stop):
        call(callbacks=[stop])
    assert all(alike(one, other) for one, other in zip(apart, call(), strict=True))


def test_an_unknown_layout_is_refused():
    with pytest.raises(InputError, match="apart"):
        training.train(TASK, 1, initial=DRAW, layout="sideways")

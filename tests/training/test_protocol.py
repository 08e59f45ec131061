"""The training protocol: the times of tests and the criteria for passing them."""

import functools
import itertools
import math

import jax.numpy as jnp
import numpy as np
import optax
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noisette.errors import InputError
from noisette.tasks import AFC, CTX, DMS, XOR, GoNoGo, Trial
from noisette.training import Protocol, published_protocol, summed_error


def test_defaults_are_the_published_values():
    protocol = Protocol()
    assert (protocol.max_trials, protocol.test_every, protocol.test_trials, protocol.batch) == (20_000, 100, 100, 1)
    assert (protocol.loss_below, protocol.accuracy_above, protocol.score, protocol.least_trials) == (
        7.0,
        0.95,
        "threshold",
        0,
    )
    assert protocol.tests()[:3] == [2, 102, 202]
    assert protocol.tests()[-1] == 19_902
    assert protocol.published


@given(most=st.integers(1, 500), every=st.integers(1, 120))
def test_tests_are_evenly_spaced_and_none_comes_after_the_last_trial(most, every):
    times = Protocol(max_trials=most, test_every=every).tests()
    assert times[0] == min(2, most)
    assert times == sorted(set(times))
    assert times[-1] <= most
    assert all(b - a == every for a, b in itertools.pairwise(times))


@given(trials=st.integers(1, 300), bound=st.floats(0, 0.999))
def test_the_allowed_errors_keep_the_accuracy_above_its_bound(trials, bound):
    protocol = Protocol(test_trials=trials, accuracy_above=bound)
    allowed = protocol.errors_allowed
    if allowed >= 0:
        assert 1 - allowed / trials > bound - 1e-9
    assert not 1 - (allowed + 1) / trials > bound + 1e-9


def test_96_correct_trials_of_100_suffice_and_95_do_not():
    protocol = Protocol()
    assert protocol.errors_allowed == 4
    assert protocol.reached(6.99, 1 - 4 / 100)
    assert not protocol.reached(6.99, 1 - 5 / 100)
    assert not protocol.reached(7.0, 1.0)
    assert not protocol.reached(math.nan, math.nan)


def test_a_user_defined_criterion_replaces_both_bounds_and_completes_every_test():
    protocol = Protocol(criterion=lambda loss, accuracy: loss < 100 and accuracy >= 0.5)
    assert protocol.reached(99.0, 0.5)
    assert not protocol.reached(1.0, 0.4)
    assert protocol.errors_allowed == protocol.test_trials


def test_the_loss_is_the_norm_over_all_outputs_and_not_a_mean():
    trial = Trial(jnp.zeros((4, 1)), jnp.asarray([[1.0], [2.0], [0.0], [9.0]]), jnp.ones(4), jnp.array(0))
    assert float(summed_error(jnp.asarray([[0.0], [0.0], [2.0]]), trial)) == pytest.approx(3.0)


def test_an_optimiser_may_be_a_transformation_or_a_function():
    from_function = Protocol(optimiser=functools.partial(optax.sgd, 0.5))
    assert not from_function.published
    for protocol in (from_function, Protocol(optimiser=optax.sgd(0.5))):
        change, _ = protocol.transformation().update(jnp.ones(2), protocol.transformation().init(jnp.ones(2)))
        np.testing.assert_allclose(change, -0.5)


def test_protocols_that_differ_in_other_parameters_share_compiled_programs():
    rule = functools.partial(optax.sgd, 0.5)
    first, second = Protocol(max_trials=7, loss_below=1.0, optimiser=rule), Protocol(test_every=3, optimiser=rule)
    assert (first.learning, first.testing) == (second.learning, second.testing)
    assert hash(first.learning) == hash(second.learning)
    assert first.learning != Protocol().learning
    assert first.learning != Protocol(optimiser=rule, batch=2).learning
    assert first.testing != Protocol(score="strict").testing


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"max_trials": 0}, "max_trials 0; an integer of at least 1"),
        ({"test_every": 0}, "test_every 0"),
        ({"test_trials": -3}, "test_trials -3"),
        ({"batch": 0}, "batch 0"),
        ({"least_trials": -1}, "least_trials -1; an integer of at least 0"),
        ({"least_trials": 11, "max_trials": 10}, "least_trials 11 exceeds max_trials 10"),
        ({"loss_below": 0.0}, "loss_below 0; a number above zero"),
        ({"loss_below": math.nan}, "loss_below nan"),
        ({"accuracy_above": 1.0}, "accuracy_above 1; at least 0 and below 1"),
        ({"accuracy_above": -0.1}, "accuracy_above -0.1"),
        ({"score": "best"}, "score 'best'; threshold or strict"),
    ],
)
def test_invalid_protocols_are_refused(parameters, message):
    with pytest.raises(InputError, match=message):
        Protocol(**parameters)


def test_only_go_no_go_has_least_trials_as_in_the_published_code():
    """The code requires trial > 1500 and tests after 2, 102, … trials: the first that can be passed is after 1,502."""
    assert [published_protocol(task()).least_trials for task in (AFC, CTX, DMS, XOR)] == [0] * 4
    protocol = published_protocol(GoNoGo(), score="strict")
    assert (protocol.least_trials, protocol.score, protocol.max_trials) == (1500, "strict", 20_000)
    assert min(test for test in protocol.tests() if test >= protocol.least_trials) == 1502
    assert published_protocol(GoNoGo(), least_trials=7).least_trials == 7

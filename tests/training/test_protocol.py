"""The protocol of training: when there are tests, and when they are passed."""

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


def test_defaults_are_those_published():
    made = Protocol()
    assert (made.max_trials, made.test_every, made.test_trials, made.batch) == (20_000, 100, 100, 1)
    assert (made.loss_below, made.accuracy_above, made.score, made.least_trials) == (7.0, 0.95, "threshold", 0)
    assert made.tests()[:3] == [2, 102, 202]
    assert made.tests()[-1] == 19_902
    assert made.published


@given(most=st.integers(1, 500), every=st.integers(1, 120))
def test_tests_come_in_time_and_never_after_the_last_trial(most, every):
    times = Protocol(max_trials=most, test_every=every).tests()
    assert times[0] == min(2, most)
    assert times == sorted(set(times))
    assert times[-1] <= most
    assert all(b - a == every for a, b in itertools.pairwise(times))


@given(trials=st.integers(1, 300), bound=st.floats(0, 0.999))
def test_as_many_errors_are_allowed_as_leave_the_accuracy_above_its_bound(trials, bound):
    made = Protocol(test_trials=trials, accuracy_above=bound)
    allowed = made.errors_allowed
    if allowed >= 0:
        assert 1 - allowed / trials > bound - 1e-9
    assert not 1 - (allowed + 1) / trials > bound + 1e-9


def test_ninety_six_of_a_hundred_are_enough_and_ninety_five_are_not():
    made = Protocol()
    assert made.errors_allowed == 4
    assert made.reached(6.99, 1 - 4 / 100)
    assert not made.reached(6.99, 1 - 5 / 100)
    assert not made.reached(7.0, 1.0)
    assert not made.reached(math.nan, math.nan)


def test_a_criterion_of_ones_own_replaces_both_bounds_and_lets_every_test_go_to_its_end():
    made = Protocol(criterion=lambda loss, accuracy: loss < 100 and accuracy >= 0.5)
    assert made.reached(99.0, 0.5)
    assert not made.reached(1.0, 0.4)
    assert made.errors_allowed == made.test_trials


def test_the_loss_is_a_norm_over_all_outputs_but_no_mean():
    trial = Trial(jnp.zeros((4, 1)), jnp.asarray([[1.0], [2.0], [0.0], [9.0]]), jnp.ones(4), jnp.array(0))
    assert float(summed_error(jnp.asarray([[0.0], [0.0], [2.0]]), trial)) == pytest.approx(3.0)


def test_an_optimiser_may_be_given_or_made():
    made = Protocol(optimiser=functools.partial(optax.sgd, 0.5))
    assert not made.published
    for one in (made, Protocol(optimiser=optax.sgd(0.5))):
        change, _ = one.transformation().update(jnp.ones(2), one.transformation().init(jnp.ones(2)))
        np.testing.assert_allclose(change, -0.5)


def test_programs_are_shared_by_protocols_that_differ_elsewhere():
    rule = functools.partial(optax.sgd, 0.5)
    one, other = Protocol(max_trials=7, loss_below=1.0, optimiser=rule), Protocol(test_every=3, optimiser=rule)
    assert (one.learning, one.testing) == (other.learning, other.testing)
    assert hash(one.learning) == hash(other.learning)
    assert one.learning != Protocol().learning
    assert one.learning != Protocol(optimiser=rule, batch=2).learning
    assert one.testing != Protocol(score="strict").testing


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"max_trials": 0}, "max_trials 0; an integer of at least 1"),
        ({"test_every": 0}, "test_every 0"),
        ({"test_trials": -3}, "test_trials -3"),
        ({"batch": 0}, "batch 0"),
        ({"least_trials": -1}, "least_trials -1; an integer of at least 0"),
        ({"least_trials": 11, "max_trials": 10}, "no success before 11 trials in at most 10"),
        ({"loss_below": 0.0}, "loss_below 0; a number above zero"),
        ({"loss_below": math.nan}, "loss_below nan"),
        ({"accuracy_above": 1.0}, "accuracy_above 1; a share below 1"),
        ({"accuracy_above": -0.1}, "accuracy_above -0.1"),
        ({"score": "best"}, "score 'best'; one of threshold, strict"),
    ],
)
def test_what_is_no_protocol_is_refused(given, message):
    with pytest.raises(InputError, match=message):
        Protocol(**given)


def test_go_no_go_alone_has_least_trials_as_in_the_code_of_its_authors():
    """Their condition is trial > 1500, tested after 2, 102, …: the first test that can be passed comes after 1,502."""
    assert [published_protocol(task()).least_trials for task in (AFC, CTX, DMS, XOR)] == [0] * 4
    made = published_protocol(GoNoGo(), score="strict")
    assert (made.least_trials, made.score, made.max_trials) == (1500, "strict", 20_000)
    assert min(test for test in made.tests() if test >= made.least_trials) == 1502
    assert published_protocol(GoNoGo(), least_trials=7).least_trials == 7

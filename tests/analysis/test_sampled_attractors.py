"""Attractors from random initial states: agreement with the enumeration, and the bound on what was missed."""

import jax
import numpy as np
import pytest
from scipy.stats import binom

import noisette as nz
from noisette.analysis import SampledAttractors, find_attractors, sampled_attractors
from noisette.codes import decode, encode
from noisette.errors import InputError


def network(size, seed=0):
    return nz.SignNetwork(nz.weights.gaussian(size, key=jax.random.key(seed)))


@pytest.mark.parametrize("seed", range(4))
def test_sampled_attractors_are_those_of_the_enumeration(seed):
    small = network(9, seed)
    every, sampled = nz.attractors(small), sampled_attractors(small, 2000, key=seed)
    by_code = {min(codes): (len(codes), basin) for codes, basin in zip(every.sets, every.basins, strict=True)}
    codes = encode(sampled.states).tolist()
    assert len(set(codes)) == len(codes)
    assert sampled.counts.sum() == 2000
    assert sampled.unfinished == 0
    level = 1e-4 / len(codes)  # false-alarm rate of this test, over all attractors
    for code, period, count in zip(codes, sampled.periods, sampled.counts, strict=True):
        length, basin = by_code[code]
        assert period == length
        low, high = binom.ppf([level / 2, 1 - level / 2], 2000, basin / 2**9)
        assert low <= count <= high


def test_cycles_are_cycles_of_the_map():
    rooks = nz.SignNetwork(nz.weights.nrooks(20))
    sampled = sampled_attractors(rooks, 200)
    assert sampled.periods.tolist() == [8, 8, 8, 8]
    expected = sorted(map(sorted, nz.attractors(rooks).cycles))
    cycles = [sorted(encode(sampled.cycle(rooks, index)).tolist()) for index in range(4)]
    assert sorted(cycles) == expected


def test_the_bound_holds_at_its_confidence_level():
    # 2^7 fixed points of equal basins: the probability of missed attractors is known in every repetition
    units = nz.SignNetwork(np.eye(7))
    bounds, missing = [], []
    for seed in range(60):
        sampled = sampled_attractors(units, 100, key=seed)
        bounds.append(sampled.missed)
        missing.append(1 - len(sampled.periods) / 2**7)
    failures = int(np.sum(np.array(missing) > bounds))
    assert failures <= binom.ppf(1 - 1e-4, 60, 0.05)
    assert max(bounds) < 1


def test_runs_that_do_not_end_are_counted():
    sampled = sampled_attractors(network(40, 1), 20, steps=4)
    assert sampled.unfinished == 20 - sampled.counts.sum() > 0
    assert sampled.missed > 0.5
    assert "have not reached an attractor after 4 steps" in str(sampled)


def test_large_networks_are_sampled_and_small_networks_enumerated():
    assert not isinstance(find_attractors(network(5)), SampledAttractors)
    assert isinstance(find_attractors(network(5), starts=10), SampledAttractors)
    patterns = decode(np.array([24, 7]), 5).repeat(20, axis=1)
    hopfield = nz.SignNetwork(patterns.T @ patterns + 0.0)
    sampled = find_attractors(hopfield)
    assert sampled.periods.max() == 1
    stored = {tuple(pattern) for pattern in [*patterns, *-patterns]}
    assert stored <= {tuple(state) for state in sampled.states}


@pytest.mark.parametrize(
    ("options", "message"),
    [({"starts": 1}, "starts 1"), ({"steps": 0}, "steps 0"), ({"ties": "coin"}, "ties 'coin'")],
)
def test_invalid_input_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        sampled_attractors(network(30), **options)

import jax
import numpy as np
import pytest
from scipy import stats

import noisette as nz
from noisette.errors import InputError
from noisette.weights import balanced, is_nrooks


@pytest.mark.parametrize(("density", "balance"), [(0.0, 0.0), (0.3, -1.0), (0.5, 0.2), (1.0, 1.0)])
@pytest.mark.parametrize("self_coupling", [True, False])
def test_density_and_balance_are_those_of_the_definition(density, balance, self_coupling):
    W = balanced(9, density, balance, self_coupling=self_coupling, key=jax.random.key(1))
    places = 81 if self_coupling else 72
    positive, negative = (W > 0).sum(), (W < 0).sum()
    assert positive + negative == round(density * places)
    assert abs(positive - negative - balance * (positive + negative)) <= 1  # rounding to integers
    assert self_coupling or not W.diagonal().any()


def test_magnitudes_are_half_normal_or_equal():
    # a Kolmogorov–Smirnov test at the level 1e-6 with a fixed key
    W = balanced(60, 0.7, 0.4, 2.5, key=jax.random.key(2))
    assert stats.kstest(np.abs(W[W != 0]), stats.halfnorm(scale=2.5).cdf).pvalue > 1e-6
    equal = balanced(20, 0.5, 0.0, 3.0, magnitudes="equal", key=jax.random.key(2))
    assert set(np.unique(equal)) == {-3.0, 0.0, 3.0}


def test_places_are_drawn_uniformly():
    # each of 9 places is occupied in 1/3 of 300 draws: deviations of 5 standard errors have a false-alarm rate of 5e-6
    count = sum((balanced(3, 1 / 3, 0.0, key=jax.random.key(n)) != 0).astype(int) for n in range(300))
    assert (np.abs(count - 100) < 5 * np.sqrt(300 * 2 / 9)).all()


def test_words_draw_the_same_ensemble():
    drawn = nz.weights.ensemble("balanced:6:0.5:0.2:3:4")
    assert (drawn(0) == balanced(6, 0.5, 0.2, 3.0, key=jax.random.fold_in(jax.random.key(4), 0))).all()
    assert (drawn(0) != drawn(1)).any()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((3, 1.5, 0), "density 1.5"),
        ((3, 0.5, -2), "balance -2"),
        ((3, 0.5, 0, -1), "width -1"),
        ((0, 0.5, 0), "size 0"),
    ],
)
def test_values_out_of_range_are_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        balanced(*arguments, key=jax.random.key(0))


def test_words_out_of_range_are_refused_before_a_draw():
    with pytest.raises(InputError, match="density 2"):
        nz.weights.ensemble("balanced:4:2:0:1")


def test_nrooks_are_recognised_under_permutations_and_weak_perturbations():
    W = nz.weights.nrooks(10, size=6, key=jax.random.key(3))
    rng = np.random.default_rng(0)
    assert is_nrooks(W)
    assert is_nrooks(W + 0.5 * rng.standard_normal((6, 6)))
    assert is_nrooks(W * rng.uniform(0.1, 9, (6, 1)))
    assert not is_nrooks(rng.standard_normal((6, 6)))
    assert not is_nrooks(np.zeros((3, 3)))
    both = W.copy()
    both[0] = both[1]  # two units copy the same one
    assert not is_nrooks(both)
    with pytest.raises(InputError, match=r"share 0\.5"):
        is_nrooks(W, 0.5)

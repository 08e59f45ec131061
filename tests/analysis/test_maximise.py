import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import noisette as nz
from noisette.analysis import maximise_information
from noisette.errors import InputError
from noisette.information import binary_entropy
from noisette.theory import markov

CONSTRAINTS = ["row-sum", "row-norm", "frobenius", "largest"]


def exact(weights, bias=0.0, noise=None):
    """Return the stationary information by the theory, which does not share code with the gradients."""
    return float(markov.measures(nz.Boltzmann(weights, bias, noise), estimator="stationary").information)


def rooks(size, weight):
    return size * (1 - float(binary_entropy(1 / (1 + np.exp(weight)))))


def size_of(w, constraint):
    return {
        "row-sum": np.abs(w).sum(1).max(),
        "row-norm": np.sqrt((w**2).sum(1)).max(),
        "frobenius": np.sqrt((w**2).sum()),
        "largest": np.abs(w).max(),
    }[constraint]


@pytest.mark.slow
@pytest.mark.parametrize("noise", [None, nz.White(2.5)], ids=["none", "white"])
def test_gradients_are_those_of_finite_differences(noise):
    W, bias = nz.weights.gaussian(3, 1.5, key=jax.random.key(0)), np.array([0.3, -0.4, 0.1])
    W[0] = [1.0, -1.0, 0.0]  # with fields of exactly the bias
    bias[0] = 0.0  # and of zero, where |h| has no derivative
    network = nz.Boltzmann(W, bias, noise)
    std = None if noise is None else jnp.full(3, 2.5)
    gradient = jax.grad(
        lambda w: markov.stationary_information(eqx.tree_at(lambda n: n.weights, network, w), std, network.reach())
    )(jnp.asarray(W))
    for i, j in np.ndindex(3, 3):
        step = np.zeros((3, 3))
        step[i, j] = 1e-5
        expected = (exact(W + step, bias, noise) - exact(W - step, bias, noise)) / 2e-5
        assert float(gradient[i, j]) == pytest.approx(expected, abs=1e-9)


@pytest.mark.slow
def test_information_is_that_of_the_theory():
    W = nz.weights.gaussian(4, 2.0, key=jax.random.key(5))
    found = maximise_information(nz.Boltzmann(W, 0.3, nz.White(1.0)), "largest", steps=1)
    assert float(found.information[0, 0]) == pytest.approx(exact(W, 0.3, nz.White(1.0)), abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_ascents_grow_within_the_constraint_to_stationary_points(constraint):
    found = maximise_information(np.zeros((3, 3)), constraint, 1.5, starts=6, steps=800, key=2)
    assert (np.diff(found.information) >= 0).all()
    assert (found.final_information >= found.information[:, -1]).all()
    assert max(size_of(w, constraint) for w in found.weights.values) <= 1.5 * (1 + 1e-12)
    assert float(found.residual[1:].max()) < 1e-5
    for w, value in zip(found.weights.values, found.final_information.values, strict=True):
        assert exact(w) == pytest.approx(value, abs=1e-11)


@pytest.mark.slow
@pytest.mark.parametrize("size", [2, 4])
def test_the_bound_for_sums_of_rows_is_attained_by_rooks_alone(size):
    found = maximise_information(np.eye(size), "row-sum", 4.0, starts=12, steps=300, key=1)
    best = found.final_information >= rooks(size, 4.0) - 1e-9
    assert (found.final_information <= rooks(size, 4.0) + 1e-12).all()
    assert int(best.sum()) >= 6  # including the first start
    assert (found.nrooks == best).all()


@pytest.mark.slow
def test_other_constraints_allow_more_than_rooks():
    # three weights ±1 in a row add up to larger fields than one of them
    found = maximise_information(np.eye(3), "largest", 1.0, starts=6, steps=200, key=0)
    assert float(found.final_information.max()) > rooks(3, 1.0) + 0.3
    # a ferromagnet is better than rooks in weak coupling of a given norm, and worse in strong coupling
    for norm, ferromagnet_wins in ((0.5, True), (2.0, False)):
        uniform = np.full((4, 4), norm / 2)
        assert (exact(uniform) > rooks(4, norm)) is ferromagnet_wins


@pytest.mark.parametrize("size", [2, 3, 5])
def test_weak_weights_have_the_information_of_the_expansion(size):
    """Orders 2 and 4 in W, by the formula in the module, for any matrix: the rest is of order 6."""
    W = nz.weights.gaussian(size, key=jax.random.key(7))
    W *= 0.15 / np.linalg.norm(W)
    G = W @ W.T
    off = G - np.diag(np.diag(G))
    fields = nz.codes.states(size) @ W.T
    pairs = sum((np.outer(w, w) - np.diag(w**2)).ravel() @ G.ravel() for w in W)
    fourth = pairs / 32 - (fields**4).mean(0).sum() / 64 - (off**2).sum() / 64
    second = (W**2).sum() / 8
    scale = np.linalg.norm(W) ** 6
    assert exact(W) * np.log(2) == pytest.approx(second + fourth, abs=0.1 * scale)
    assert abs(fourth) > 3 * 0.1 * scale  # the comparison resolves the fourth order


def test_a_sign_of_all_weights_does_not_matter():
    W = nz.weights.gaussian(4, 2.0, key=jax.random.key(3))
    assert exact(W) == pytest.approx(exact(-W), abs=1e-12)


@pytest.mark.slow
def test_defaults_starts_and_records():
    W = np.array([[0.5, 0.2], [0.3, -0.4]])
    found = maximise_information(W, "frobenius", starts=2, steps=5, key=3)
    assert size_of(found.weights.values[0], "frobenius") <= np.linalg.norm(W) + 1e-12
    assert float(found.information[0, 0]) == pytest.approx(exact(W), abs=1e-13)
    assert (found.method, found.seed, found.information.units) == ("exact", 3, "bit")
    assert nz.rerun(found).identical(found)
    calls = []
    maximise_information(W, steps=60, progress=lambda done, total: calls.append((done, total)))
    assert calls == [(50, 60), (60, 60)]


@pytest.mark.parametrize(
    ("weights", "options", "message"),
    [
        (np.eye(8), {}, "8 units"),
        (np.zeros((2, 2)), {}, "weights of zero without a bound"),
        (np.eye(2), {"bound": -1.0}, "bound -1"),
        (np.eye(2), {"constraint": "rows"}, "constraint 'rows'"),
        (nz.Boltzmann(np.eye(2), noise=nz.Common(1.0)), {}, "noise shared by units"),
        (nz.SignNetwork(np.eye(2)), {}, "noiseless"),
        (np.eye(2), {"starts": 0}, "starts 0"),
    ],
)
def test_impossible_problems_are_refused(weights, options, message):
    with pytest.raises(InputError, match=message):
        maximise_information(weights, **options)

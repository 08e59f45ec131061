"""Words of ensembles: one vocabulary for matrices and for distributions with statistics."""

import jax
import numpy as np
import pytest

import noisette as nz
from noisette.errors import InputError
from noisette.registry import words
from noisette.weights import distribution, ensemble

KEY = jax.random.key(5)
RANDOM = {
    "gaussian": "gaussian:200",
    "normal": "normal:0.1:200",
    "symmetric": "symmetric:0.1:200",
    "balanced": "balanced:200:0.4:0.5:0.2",
    "ei": "ei:balanced:200",
    "blocks": "blocks:120,80:1,-2;1,-1.5:1,2;1.5,2",
    "sparse": "sparse:200:20:1:2",
    "reciprocal": "reciprocal:200:0.5",
    "lowrank": "lowrank:200:1,0.5:1,0.5;0.5,1",
    "modes": "modes:200:1x150,2x50",
    "heavytails": "heavytails:200:1.5:1",
}


def test_every_word_of_random_weights_is_tested():
    seeded = [name for name in words("weights") if name not in ("autapses", "hopfield", "nrooks", "matrix")]
    assert list(RANDOM) == seeded


@pytest.mark.parametrize("text", RANDOM.values(), ids=RANDOM)
def test_the_matrices_of_a_distribution_are_those_of_the_ensemble(text):
    drawn, draw = ensemble(text, 5), distribution(text)
    for number in (0, 3):
        assert (drawn(number) == draw.draw(key=jax.random.fold_in(KEY, number))).all()
    assert (drawn(0) != drawn(1)).any()
    assert (ensemble(f"{text}:5", 1)(0) == drawn(0)).all()
    assert draw.size == 200


@pytest.mark.parametrize("name", ["gaussian", "normal", "symmetric", "balanced", "ei", "sparse", "reciprocal"])
def test_the_statistics_are_those_of_drawn_matrices(name):
    """Five standard errors of the mean of N² = 4e4 weights, and of their variance with a kurtosis of up to 30."""
    draw = distribution(RANDOM[name])
    statistics, W = draw.statistics(), draw.draw(key=KEY)
    for q, size in enumerate(draw.sizes):
        block = W[:, draw.populations == q]
        variance = statistics.variance[0, q]
        assert abs(size * block.mean() - statistics.mean[0, q]) < 5 * np.sqrt(variance * size / block.size)
        assert size * block.var() == pytest.approx(variance, rel=5 * np.sqrt(30 / block.size))
    pairs = np.corrcoef(W[np.triu_indices(200, 1)], W.T[np.triu_indices(200, 1)])[0, 1]
    if len(draw.sizes) == 1:
        assert abs(pairs - statistics.reciprocity[0, 0]) < 5 / np.sqrt(200 * 199 / 2)


def test_words_of_ensembles_are_the_ensembles_of_python():
    pairs = {
        "blocks:3,2:1,-2;1,-1.5:1,2;1.5,2": nz.ensembles.Blocks([[1, -2], [1, -1.5]], [[1, 2], [1.5, 2]], [3, 2]),
        "sparse:9:3:1:2": nz.ensembles.sparse(9, 3, mean=1, variance=2),
        "reciprocal:9:-0.5": nz.ensembles.reciprocal(9, -0.5),
        "lowrank:9:0:1,0.5;0.5,1": nz.ensembles.LowRank([[1, 0.5], [0.5, 1]], 9),
        "modes:9:2x3,0.5x1": nz.ensembles.RandomModes([2, 2, 2, 0.5], 9),
        "heavytails:9:1.5:2": nz.ensembles.HeavyTails(1.5, 9, 2.0),
        "gaussian:9+lowrank:9:0:1,0.5;0.5,1": distribution("gaussian:9")
        + nz.ensembles.LowRank([[1, 0.5], [0.5, 1]], 9),
    }
    for text, other in pairs.items():
        assert (distribution(text).draw(key=KEY) == other.draw(key=KEY)).all(), text


def test_cases_of_excitation_and_inhibition_have_names_and_numbers():
    def drawn(text):
        return ensemble(text)(0)

    assert (drawn("ei:balanced:20") == drawn("ei:mu_e=1,mu_i=-4,sigma_e=1.2,sigma_i=1.2:20")).all()
    assert (drawn("ei:balanced,mu_i=-6:20") == drawn("ei:inhibitory:20")).all()
    means = distribution("ei:mu_e=2,mu_i=-8:100").statistics().mean[0]
    np.testing.assert_allclose(means, 0.2 * 10 * np.array([0.8 * 2, 0.2 * -8]))  # f √N α μ


def test_sums_add_fixed_and_random_weights(tmp_path):
    fixed = nz.weights.autapses(2.0, 3)
    np.save(tmp_path / "w.npy", fixed)
    W = ensemble("autapses:2:3+blocks:2,1:0:1")(0)
    other = ensemble(f"{tmp_path / 'w.npy'}+blocks:2,1:0:1")(0)
    np.testing.assert_array_equal(W, other)
    assert W.shape == (3, 3)
    assert distribution("autapses:2:3+blocks:2,1:0:1").sizes == (2, 1)
    assert (ensemble("matrix:1e+3")(0) == 1000).all()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("blocks:3,2:1", r"cannot be read; the form is blocks:SIZES:MEAN:VARIANCE"),
        ("blocks:3,2:1,2;3:1", r"mean '1,2;3'; rows of the same length"),
        ("blocks:3,x:1:1", r"sizes '3,x' cannot be read; numbers separated by commas"),
        ("blocks:3,2:1:-1", "variance"),
        ("sparse:9:10:0:1", "a mean number of inputs above 0, at most 9"),
        ("lowrank:9:0:1,2;2,1", "lowest eigenvalue"),
        ("modes:9:1", "the form is modes:N:DxCOUNT"),
        ("modes:9:1x0", "numbers of modes above zero"),
        ("modes:9:1x100000000000000", "modes of 9 units"),
        ("heavytails:9:3:1", "an exponent above 0, below 2"),
        ("ei:balancd:9", r"cases are inhibitory, balanced, excitatory, or numbers as in mu_e=1"),
        ("ei:mu_x=1:9", "their names are mu_e, mu_i"),
        ("gaussian:4+lowrank:5:0:1,0;0,1", "the same populations"),
        ("gaussian:4:1+lowrank:4:0:1,0;0,1", "'gaussian:4:1' with a seed"),
        ("gaussian:4+gauss:3", "cannot be read"),
    ],
)
def test_words_that_cannot_be_drawn_are_refused(text, message):
    with pytest.raises(InputError, match=message):
        ensemble(text)
    with pytest.raises(InputError, match=message):
        distribution(text)


def test_theory_of_weights_without_statistics_is_refused(tmp_path):
    (tmp_path / "own.py").write_text("def ring(n, key=None):\n    import numpy as np\n    return np.eye(n, k=1)\n")
    for text in ("autapses:10", f"{tmp_path / 'own.py'}:ring:4", "gaussian:5+autapses:1"):
        populations = nz.networks.Populations(distribution(text))
        assert populations.network(1.0, key=0).size in (4, 5)
        with pytest.raises(InputError, match="in mean-field theory; an ensemble whose statistics are known"):
            nz.theory.population_mean_field(populations)


def test_results_name_the_words_and_can_be_repeated():
    network = nz.RateNetwork(nz.weights.from_string("blocks:30,20:0:1+lowrank:50:0:1,0;0,1", 3), 0.5)
    result = nz.simulate(network, duration=1.0, dt=0.1, key=0)
    assert "lowrank" in str(result.attrs)
    assert nz.rerun(result).identical(result)

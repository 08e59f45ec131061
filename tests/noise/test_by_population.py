"""Noise that differs between populations of consecutive units."""

import jax
import numpy as np
import pytest

import noisette as nz
from noisette.noise import ByPopulation, Placed, by_place

SIZES = [2, 3, 1]
PARTS = [nz.OrnsteinUhlenbeck(0.5, 2.0), None, nz.Frozen(1.0)]


def samples(noise, size, steps=4, key=3):
    """Return samples of several steps, shape (steps, N)."""
    key = jax.random.key(key)
    state, rows = noise.init(size, key=key), []
    for t in range(steps):
        row, state = noise.sample(state, t * 0.1, size, key=jax.random.fold_in(key, t), dt=0.1)
        rows.append(np.asarray(row))
    return np.array(rows)


def test_units_without_noise_stay_silent_and_the_others_do_not():
    drawn = samples(ByPopulation(PARTS, SIZES), 6)
    assert not drawn[:, 2:5].any()
    assert (drawn[:, [0, 1, 5]] != 0).all()
    np.testing.assert_array_equal(drawn[0, 5], drawn[3, 5])  # frozen


def test_the_law_of_each_population_is_that_of_its_noise():
    noise = ByPopulation([nz.White(0.5), nz.Common(2.0) + nz.White(1.0)], [2, 3])
    independent, factors = noise.step_law(5, 0)
    np.testing.assert_array_equal(independent, [0.5, 0.5, 1, 1, 1])
    np.testing.assert_array_equal(factors, [[0, 0, 2, 2, 2]])
    np.testing.assert_array_equal(noise.white_part(5)[0], independent)


def test_variances_are_those_of_the_populations():
    noise = ByPopulation([nz.White(1.0), nz.White(3.0)], [4000, 4000])
    drawn = samples(noise, 8000, steps=1)[0] / np.sqrt(0.1)
    # relative standard error of a standard deviation of 4000 numbers is .011; a false alarm at 5 s.e. has p < 1e-6
    assert drawn[:4000].std() == pytest.approx(1, rel=0.056)
    assert drawn[4000:].std() == pytest.approx(3, rel=0.056)
    assert abs(np.corrcoef(drawn[:4000], drawn[4000:])[0, 1]) < 5 / np.sqrt(4000)


def test_factors_act_on_the_units_of_each_population():
    factor = np.arange(1.0, 7.0)
    noise = ByPopulation(PARTS, SIZES)
    np.testing.assert_allclose(samples(noise * factor, 6), samples(noise, 6) * factor, rtol=1e-12)
    np.testing.assert_allclose(samples(2 * noise, 6), samples(noise, 6) * 2, rtol=1e-12)


def test_values_exist_if_those_of_all_populations_do():
    assert ByPopulation(PARTS, SIZES).has_values
    assert not ByPopulation([nz.White(0.1), None], [1, 1]).has_values
    assert ByPopulation(PARTS, SIZES).correlation_time == 2.0
    assert not ByPopulation([nz.Stable(1.5), None], [1, 1]).has_variance


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ByPopulation([], []), "no noises"),
        (lambda: ByPopulation([nz.White()], [1, 2]), "1 noises for 2 populations"),
        (lambda: ByPopulation([Placed(nz.White(), "rate")], [1]), r"Placed\(ByPopulation"),
        (lambda: ByPopulation([nz.White()], [0]), "size 0"),
        (lambda: ByPopulation([nz.White()], [2]).init(3, key=jax.random.key(0)), "2 units.*3 units"),
        (lambda: ByPopulation([nz.White()], [2]) * np.ones(3), "a factor of shape"),
        (
            lambda: nz.theory.mean_field(nz.activations.tanh, 0.5, ByPopulation([nz.White()], [2])),
            "networks.Populations",
        ),
    ],
)
def test_wrong_input_is_refused(call, words):
    with pytest.raises(nz.InputError, match=words):
        call()


class TestPopulations:
    BLOCKS = nz.ensembles.Blocks(np.zeros((2, 2)), [[1.0, 0.0], [0.5, 0.8]], [30, 20])

    def test_places_are_joined_over_populations(self):
        inside = Placed(nz.Frozen(0.5), "activation")
        populations = nz.networks.Populations(self.BLOCKS, noise=[nz.White(0.3) + inside, nz.White(0.1)])
        places = by_place(populations.noise)
        assert repr(places["current"]) == "ByPopulation((White(0.3), White(0.1)), (30, 20))"
        assert repr(places["activation"]) == "ByPopulation((Frozen(0.5), None), (30, 20))"

    def test_equal_noises_are_one(self):
        white = nz.White(0.3)
        assert nz.networks.Populations(self.BLOCKS, noise=[white, white]).noise is white
        assert nz.networks.Populations(self.BLOCKS, noise=[None, None]).noise is None

    def test_noise_on_synapses_is_the_same_for_all(self):
        frozen = Placed(nz.Frozen(0.1), "synapses")
        with pytest.raises(nz.InputError, match="on synapses that differs"):
            nz.networks.Populations(self.BLOCKS, noise=[frozen, None])
        nz.networks.Populations(self.BLOCKS, noise=frozen)

    def test_the_first_population_is_that_of_one_population(self):
        noise = [nz.White(0.4), nz.OrnsteinUhlenbeck(0.5, 2.0)]
        theory = nz.theory.population_mean_field(nz.networks.Populations(self.BLOCKS, noise=noise), 0.7)
        alone = nz.theory.mean_field(nz.activations.tanh, 0.7, noise[0])
        assert float(theory.variance[0]) == pytest.approx(float(alone.variance), rel=1e-8)

    @pytest.mark.slow
    def test_theory_agrees_with_simulation(self):
        blocks = nz.ensembles.Blocks(np.zeros((2, 2)), [[1.0, 0.6], [0.5, 0.8]], [150, 150])
        noise = [nz.White(0.8), Placed(nz.OrnsteinUhlenbeck(1.0, 1.0), "activation")]
        populations = nz.networks.Populations(blocks, noise=noise)
        data = nz.analysis.population_activity(
            populations, 0.8, simulate=True, networks=12, duration=200.0, dt=0.02, key=0
        )
        gap = np.abs(data.simulated_variance - data.variance) / data.simulated_variance_se
        # for two comparisons of 11 degrees of freedom, more than 4.5 s.e. have p < .002
        assert (gap < 4.5).all()

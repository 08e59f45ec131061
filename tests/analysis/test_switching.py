import numpy as np
import pytest

import noisette as nz
from noisette.errors import InputError

WEIGHTS = {
    "autapses": nz.weights.autapses(10),
    "nrooks": nz.weights.nrooks(20),
    "hopfield": nz.weights.hopfield([24, 7], 10),
}
EXACT = [
    ("autapses", 7, 0.359298, 0.328518),
    ("autapses", 50, 0.935013, 0.934782),
    ("autapses", np.inf, 31 / 32, 31 / 32),
    ("nrooks", 7, 0.008551, 0.006394),
    ("nrooks", 50, 0.640717, 0.640625),
    ("nrooks", np.inf, 0.75, 0.75),
    ("hopfield", 50, 0.094350, 0.094208),
    ("hopfield", np.inf, 0.5, 0.5),
]


@pytest.mark.parametrize(("name", "pulse", "boltzmann", "sign"), EXACT)
def test_the_switching_probability_has_the_values_of_the_specification(name, pulse, boltzmann, sign):
    for kind, expected in ((nz.Boltzmann, boltzmann), (nz.SignNetwork, sign)):
        result = nz.switching(kind(WEIGHTS[name]), float(pulse))
        assert result.probability == pytest.approx(expected, abs=0.5001e-6)
        assert result.matrix.sum(1) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [nz.Boltzmann, nz.SignNetwork])
def test_simulated_switching_agrees_with_exact(kind):
    # within 4 standard errors, fixed seed: false alarms 6e-5 each
    network = kind(WEIGHTS["hopfield"])
    exact = nz.switching(network, 50.0, 20).probability
    share, error = nz.simulated_switching(network, 50.0, 20, runs=2000, key=4)
    assert 0 < error < 0.01
    assert abs(share - exact) < 4 * error


@pytest.mark.slow
def test_no_switch_in_ten_trials_leaves_an_interval():
    result = nz.simulated_switching(nz.SignNetwork(WEIGHTS["autapses"]), 0.0, 5, runs=10)
    assert (result.share, result.successes, result.trials) == (0.0, 0, 10)
    assert (result.low, result.high) == (0.0, pytest.approx(0.277533, abs=0.5e-6))  # z²/(n + z²)
    assert result.standard_error > 0
    assert "0 of 10; 95 % interval 0 to 0.2775" in str(result)


@pytest.mark.slow
def test_the_interval_of_simulated_pulses_covers_the_exact_probability():
    # 95 % intervals of 16 simulations cover at least 12 times with probability 0.999 (binomial); 20 trials of P ≈ .094
    network = nz.SignNetwork(WEIGHTS["hopfield"])
    exact = nz.switching(network, 50.0, 5).probability
    result = [nz.simulated_switching(network, 50.0, 5, runs=20, key=seed) for seed in range(16)]
    assert any(each.successes == 0 for each in result)
    assert sum(each.low <= exact <= each.high for each in result) >= 12


def test_no_pulse_and_no_noise_switches_nothing():
    result = nz.switching(nz.SignNetwork(WEIGHTS["nrooks"]), 0.0)
    assert result.probability == 0
    assert [len(codes) for codes in result.attractors] == [8, 8, 8, 8]


def test_longer_pulses_switch_more():
    chances = [nz.switching(nz.SignNetwork(WEIGHTS["autapses"]), 7.0, 5, duration=d).probability for d in (1, 2, 4)]
    assert (np.diff(chances) > 0).all()


def test_invalid_input_is_refused():
    network = nz.SignNetwork(WEIGHTS["autapses"])
    for pulse, relaxation, duration, message in (
        (-1.0, 5, 1, "pulse -1.0"),
        (1.0, -1, 1, "relaxation"),
        (1.0, 5, 0, "relaxation"),
    ):
        for measure in (nz.switching, nz.simulated_switching):
            with pytest.raises(InputError, match=message):
                measure(network, pulse, relaxation, duration=duration)
    for runs in (0, -1, True):
        with pytest.raises(InputError, match="runs"):
            nz.simulated_switching(network, 1.0, runs=runs)

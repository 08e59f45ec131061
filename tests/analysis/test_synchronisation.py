import itertools

import jax
import numpy as np
import pytest

import noisette as nz
from noisette.analysis import exponents_between, synchronisation, synchronisation_summary

W = np.asarray(nz.weights.gaussian(40, 40**-0.5, self_coupling=False, key=3))
LINEAR = nz.RateNetwork([[0.5]], activation=nz.activations.linear)
NOISES = [None, nz.White(1.0), nz.OrnsteinUhlenbeck(1.0, 2.0), nz.Frozen(1.0), nz.Common(1.0)]


@pytest.mark.slow
@pytest.mark.parametrize("noise", NOISES, ids=["none", "white", "ou", "frozen", "common"])
def test_a_linear_unit_contracts_at_its_decay_rate_in_any_noise(noise):
    data = synchronisation(
        LINEAR.with_noise(noise), start=[[1.0], [-1.0]], duration=50, dt=0.1, tolerance=1e-4, key=0, warn=False
    )
    decay = np.log(0.95) / 0.1
    np.testing.assert_allclose(data.distance, 2 * np.exp(decay * data.time), rtol=1e-9, atol=1e-14)
    assert float(data.rate) == pytest.approx(decay, rel=1e-4)
    assert float(data.lyapunov) == pytest.approx(decay, rel=1e-9)
    exact = np.log(1e-4 / 2) / decay
    assert exact <= float(data.synchronisation_time) <= exact + 0.1 + 1e-9


def test_inputs_are_common_too():
    signal = np.random.default_rng(0).normal(size=500)
    data = synchronisation(LINEAR, start=[[1.0], [-1.0]], inputs=signal, duration=50, dt=0.1, key=0)
    np.testing.assert_allclose(data.distance, 2 * 0.95 ** (10 * data.time), rtol=1e-9, atol=1e-14)


@pytest.mark.slow
def test_small_distances_grow_at_the_rate_of_the_tangents_in_the_same_time():
    """The law d ~ e^{λt}: over one window, rates of distance and tangents differ by a constant over its length."""
    network = nz.RateNetwork(W, 2.0, noise=nz.White(2.5))
    settings = {"duration": 200, "dt": 0.05, "key": 4, "warn": False}
    data = synchronisation(network, **settings)
    assert bool(data.synchronised)
    assert float(data.lyapunov) < 0
    resolved = data.time[(data.distance < 1e-3) & (data.distance > 1e-11)].values
    begin, end = np.ceil(resolved[0] / 2) * 2, np.floor(resolved[-1] / 2) * 2
    tangents = exponents_between(nz.simulate(network, probes=nz.Lyapunov(), **settings), begin / 200, end / 200)
    change = np.log(data.distance.sel(time=end, method="nearest") / data.distance.sel(time=begin, method="nearest"))
    assert float(change) / (end - begin) == pytest.approx(float(tangents.lyapunov[0, 0]), abs=2 / (end - begin))
    assert float(data.rate) == pytest.approx(float(tangents.lyapunov[0, 0]), abs=3 / (end - begin))


@pytest.mark.slow
def test_rates_and_exponents_agree_within_their_errors():
    """False-alarm rate: difference of means of 16 paired networks, 5 standard errors of Student's t with 15, 2e-4."""
    networks = [nz.RateNetwork(nz.weights.gaussian(40, 40**-0.5, key=n), 2.0) for n in range(16)]
    data = synchronisation(networks, [3.0], duration=150, dt=0.05, key=0, warn=False).isel(noise=0)
    assert data.synchronised.all()
    difference = (data.rate - data.lyapunov).values
    assert abs(difference.mean()) < 5 * difference.std(ddof=1) / 4
    assert (np.abs(difference) < 6 * np.hypot(data.rate_se, data.lyapunov_se)).all()


@pytest.mark.slow
def test_chaotic_trajectories_do_not_meet_and_close_ones_separate():
    network = nz.RateNetwork(np.asarray(nz.weights.gaussian(100, 0.1, key=0)), 5.0)
    far = synchronisation(network, duration=100, dt=0.05, key=0)
    assert not bool(far.synchronised)
    assert float(far.synchronisation_time) == np.inf
    assert np.isnan(far.rate)
    attractor = nz.simulate(network, duration=100, dt=0.05, key=0).final.values[0]
    close = synchronisation(network, start=[attractor, attractor + 1e-9], duration=100, dt=0.05, key=0)
    assert float(close.rate) > 0.1
    assert float(close.rate) == pytest.approx(float(close.lyapunov), rel=0.5)


@pytest.mark.slow
def test_more_starts_have_the_mean_square_over_pairs():
    starts = np.array([[0.0], [1.0], [3.0]])
    data = synchronisation(LINEAR, starts=3, start=starts, duration=2, dt=0.1, key=0)
    assert float(data.distance[0]) == pytest.approx(np.sqrt((1 + 9 + 4) / 3))


def coupled_chain(network):
    """Return the transition matrix of pairs of states in common thresholds, shape (S², S²)."""
    states = nz.codes.states(network.size)
    std = float(network.noise.strength)
    field = np.asarray(network.field(states))
    flip = np.asarray(network.flip_probability(field, std, reach=network.reach()))
    on = np.where(field >= 0, 1 - flip, flip)
    number = len(states)
    chain = np.zeros((number**2, number**2))
    for a, b in itertools.product(range(number), repeat=2):
        for c, d in itertools.product(range(number), repeat=2):
            probability = 1.0
            for n in range(network.size):
                p, q = on[a, n], on[b, n]
                both, neither = min(p, q), 1 - max(p, q)
                joint = {(1, 1): both, (-1, -1): neither, (1, -1): p - both, (-1, 1): q - both}
                probability *= joint[int(states[c, n]), int(states[d, n])]
            chain[a * number + b, c * number + d] += probability
    return chain


@pytest.mark.slow
def test_the_coupling_time_of_boltzmann_units_is_that_of_the_pair_chain():
    """Mean and distribution of the coupling time. False-alarm rate: two tests at 4.5 standard errors, 1.4e-5."""
    network = nz.Boltzmann([[2.0, -1.0], [1.0, 0.5]], bias=[0.2, -0.4], noise=nz.White(1.0))
    runs = 2000
    data = synchronisation(network, start=[[-1.0, -1.0], [1.0, 1.0]], runs=runs, duration=200, key=0)
    assert data.synchronised.all()
    times = data.synchronisation_time.values
    chain = coupled_chain(network)
    apart = np.array([a != b for a in range(4) for b in range(4)])
    within = chain[np.ix_(apart, apart)]
    inverse = np.linalg.inv(np.eye(apart.sum()) - within)
    index = int(np.flatnonzero(np.flatnonzero(apart) == 3)[0])  # the pair (0, 3)
    mean = inverse.sum(1)[index]
    variance = (2 * inverse @ inverse.sum(1) - inverse.sum(1) - inverse.sum(1) ** 2)[index]
    assert abs(times.mean() - mean) < 4.5 * np.sqrt(variance / runs)
    first = 1 - within.sum(1)[index]  # probability to meet in one step
    assert abs((times == 1).mean() - first) < 4.5 * np.sqrt(first * (1 - first) / runs)


@pytest.mark.slow
def test_binary_states_that_have_met_stay_together():
    network = nz.Boltzmann(nz.weights.autapses(10), noise=nz.White(8.0))
    data = synchronisation(network, starts=4, duration=300, key=1)
    met = (data.distance == 0).values
    assert met[-1]
    assert met[int(data.synchronisation_time) :].all()
    assert not met[: int(data.synchronisation_time)].any()
    assert "rate" not in data
    assert "lyapunov" not in data


@pytest.mark.slow
def test_strengths_networks_and_runs_are_dimensions():
    networks = [LINEAR, LINEAR]
    data = synchronisation(networks, [0.0, 1.0], runs=3, duration=2, dt=0.1, key=0, warn=False)
    assert dict(data.rate.sizes) == {"noise": 2, "network": 2, "run": 3}
    assert data.synchronisation_time.attrs["units"] == "tau"
    summary = synchronisation_summary(data)
    assert dict(summary.sizes) == {"noise": 2}
    with pytest.raises(nz.InputError, match="single trial"):
        synchronisation_summary(synchronisation(LINEAR, duration=2, dt=0.1, key=0))
    with pytest.raises(nz.InputError, match="result of synchronisation"):
        synchronisation_summary(nz.simulate(LINEAR, duration=2, dt=0.1, key=0))


@pytest.mark.slow
def test_strengths_multiply_the_noise_of_the_network():
    network = nz.RateNetwork(W, 1.5, noise=nz.OrnsteinUhlenbeck(0.5, 3.0))
    settings = {"duration": 20, "dt": 0.1, "key": 0, "warn": False}
    curve = synchronisation(network, [0.0, 2.0], **settings)
    single = synchronisation(network.with_noise(nz.OrnsteinUhlenbeck(1.0, 3.0)), **settings)
    np.testing.assert_array_equal(curve.distance[1], single.distance)


@pytest.mark.slow
def test_the_call_is_recorded():
    data = synchronisation(LINEAR, [0.5], duration=2, dt=0.1, key=0, warn=False)
    np.testing.assert_array_equal(nz.rerun(data).distance, data.distance)
    assert "molgedey1992" in data.attrs["references"]


def test_results_do_not_depend_on_the_number_of_records():
    """Without a chosen step the records remain equidistant, and the last one is the final state."""
    data = synchronisation(LINEAR, duration=7.3, key=0)
    steps = np.diff(data.time)
    assert np.ptp(steps[:-1]) < 1e-9
    assert float(data.time[-1]) == 7.3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"starts": 1}, "at least two"),
        ({"tolerance": 0.0}, "above zero"),
        ({"strengths": [-1.0]}, "≥ 0"),
        ({"strengths": 2.0}, "strengths"),
        ({"start": [[0.0], [1.0], [2.0]]}, "3 starts for 2 runs"),
    ],
)
def test_wrong_arguments_are_refused(options, message):
    with pytest.raises(nz.InputError, match=message):
        synchronisation(LINEAR, **{"duration": 2, "dt": 0.1, "key": 0, **options})


def test_a_fraction_of_a_step_is_refused():
    with pytest.raises(nz.InputError, match="whole number"):
        synchronisation(nz.Boltzmann([[1.0]]), duration=2.5, key=0)


def test_adaptive_solvers_have_no_exponent():
    data = synchronisation(LINEAR, duration=5, dt=0.1, solver="adaptive", start=[[1.0], [0.0]], key=jax.random.key(0))
    assert "lyapunov" not in data
    assert float(data.distance[-1]) == pytest.approx(np.exp(-2.5), rel=1e-5)

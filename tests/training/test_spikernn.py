from pathlib import Path

import h5py
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.io import loadmat, savemat

from noisette.errors import InputError
from noisette.networks import TaskNetwork
from noisette.tasks import GoNoGo
from noisette.training import run_trial, run_trials
from noisette.training.files import extras, load, save
from noisette.training.spikernn import read_mat, write_mat

REAL = Path(__file__).parents[1] / "data" / "gonogo_spikeRNN_tf1.mat"
NETWORK = TaskNetwork.random(7, noise_channels=2, key=jax.random.key(0))


def random_network(seed, size=5, channels=2, outputs=1, noise_channels=0, masked=False):
    """Return a network with raw weights of both signs, as after training."""
    rng = np.random.default_rng(seed)
    return TaskNetwork(
        rng.normal(size=(size, size)),
        rng.choice([-1.0, 1.0], size),
        rng.normal(size=size),
        rng.normal(size=(size, channels)),
        rng.normal(size=(outputs, size)) / 100,
        readout_bias=rng.normal(size=outputs),
        noise_weights=rng.normal(size=(size, noise_channels)),
        mask=rng.random((size, size)) < 0.6 if masked else None,
        tau_range=(22.3, 22.3 + rng.uniform(1, 100)),
        dt=rng.uniform(0.1, 20),
        sensory_noise=rng.uniform(0, 1),
    )


def assert_same(first, second):
    arrays = zip(jax.tree.leaves(first), jax.tree.leaves(second), strict=True)
    assert all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in arrays)
    assert jax.tree.structure(first) == jax.tree.structure(second)  # ranges, dt and noise are part of it


@pytest.fixture(scope="module")
def stored():
    return loadmat(REAL)


@pytest.fixture(scope="module")
def real():
    return load(REAL)


def read_by_spikernn(arrays):
    """Return weights and time constants (steps) as in LIF_network_fnc.m and eval_tf, which do not rectify w."""
    low, high = arrays["taus"].ravel()
    logits = arrays["taus_gaus"].ravel().astype(float)
    return arrays["w"].astype(float) @ arrays["m"] * arrays["som_m"], low + (high - low) / (1 + np.exp(-logits))


def test_the_published_network_is_read_as_its_file_states(real, stored):
    network = real.network
    assert (network.size, network.channels, network.noise_channels) == (200, 1, 0)
    assert (network.tau_range, network.dt, network.sensory_noise) == ((20.0, 100.0), 5.0, 0.1)
    weights, tau = read_by_spikernn(stored)
    np.testing.assert_array_equal(network.effective, weights)
    np.testing.assert_allclose(network.tau, 5 * tau, rtol=1e-12)
    np.testing.assert_array_equal(network.excitatory, stored["exc"].ravel() == 1)
    np.testing.assert_array_equal(network.input_weights, stored["w_in"])
    np.testing.assert_array_equal(network.readout, stored["w_out"])
    assert float(network.readout_bias[0]) == float(stored["b_out"].item())
    # somatostatin-like units receive no input from inhibitory units
    assert network.mask is not None
    assert int((~np.asarray(network.mask)).any(1).sum()) == int(stored["som_N"].item()) == 20
    assert real.configuration["eval_perf_mean"] == stored["eval_perf_mean"].item()
    assert extras(REAL)["eval_os"].shape == (100, 199)


def test_the_recorded_trial_obeys_the_equation_up_to_its_noise(real, stored):
    """The residuals of the recorded trial after our step are the noise that was added: N(0, 0.1²).

    199 steps of 200 units: the standard deviation of their mean is 5e-4, of their standard deviation 3.5e-4 (the latter
    relative to 0.1: 0.5 and 0.35 %); the bounds are four of them. Since the trial is recorded, the
    test is deterministic.
    """
    network, x, u = real.network, stored["x"].squeeze().astype(float), stored["u"]
    assert x.shape == (200, 200)  # time, unit
    one_step = jax.vmap(lambda x, u: run_trial(network, u, jnp.zeros((1, 0)), jnp.zeros((1, 200)), x)[0][0])
    inputs = jnp.repeat(jnp.asarray(u.T[:-1, None]), 2, 1)
    noise = x[1:] - np.asarray(jax.jit(one_step)(jnp.asarray(x[:-1]), inputs))
    assert abs(noise.mean()) < 0.002
    assert abs(noise.std() - 0.1) < 0.0014
    assert abs((noise[1:] * noise[:-1]).mean()) < 4 * 0.01 / np.sqrt(noise[1:].size)  # white
    rates = 1 / (1 + np.exp(-x))
    np.testing.assert_allclose(rates, stored["r"].squeeze(), atol=1e-6)
    outputs = rates[1:] @ np.asarray(network.readout, float)[0] + float(network.readout_bias[0])
    np.testing.assert_allclose(outputs, stored["o"].squeeze(), atol=1e-6)


@pytest.mark.slow
def test_the_published_network_reaches_its_accuracy(real, stored):
    """Score the recorded outputs, then 200 new trials with the same task and noise.

    This takes about 3 s, most of it compilation. All 100 recorded trials are correct, which has probability 1 % at an
    accuracy of 0.955; at 0.955, fewer than 180 of 200 are correct with probability 0.1 %. The recorded test followed
    the recorded weights by one step of the optimiser, and the loss changes by more than this from step to step.
    """
    task = GoNoGo(stimulus=125.0)
    recorded = stored["eval_os"]
    labels = stored["eval_labels"].ravel().astype(int)
    number = {1: task.conditions.index("go"), 0: task.conditions.index("no-go")}
    trials = {label: task.trial(key=jax.random.key(0), label=number[label]) for label in number}
    recorded_outputs = jnp.asarray(recorded)[..., None]
    for label, trial in trials.items():
        assert bool(jax.vmap(lambda o, trial=trial: task.correct(o, trial))(recorded_outputs[labels == label]).all())
    assert stored["eval_perf_mean"].item() == 1.0
    result = run_trials(real.network, task, 200, key=jax.random.key(1))
    assert float(result.correct.mean()) >= 0.9
    # these two are deterministic: the losses of the recorded outputs
    expected = np.stack([np.asarray(trials[label].target) for label in labels])
    norm = np.sqrt(((recorded - expected[:, :-1, 0]) ** 2).sum(1))
    assert norm.mean() == pytest.approx(stored["eval_loss_mean"].item(), rel=1e-6)
    loss = np.sqrt(((result.outputs - result.target) ** 2).sum(["time", "output"]))
    assert float(loss.mean()) == pytest.approx(stored["eval_loss_mean"].item(), rel=0.15)


@given(st.integers(0, 2**31), st.booleans())
def test_the_programs_of_the_spikernn_family_read_the_same_network(tmp_path_factory, seed, masked):
    network = random_network(seed, noise_channels=seed % 3, masked=masked)
    arrays = loadmat(write_mat(network, tmp_path_factory.mktemp("mat") / "one.mat"))
    weights, steps = read_by_spikernn(arrays)
    np.testing.assert_array_equal(weights, network.effective)
    np.testing.assert_allclose(steps * network.dt, network.tau, rtol=1e-6)
    np.testing.assert_array_equal(arrays["exc"].ravel() == 1, network.excitatory)
    assert {"w0", "taus_gaus0", "N", "inh", "w_in", "w_out", "b_out", "som_N"} <= arrays.keys()


def test_a_published_file_survives_both_formats(real, tmp_path):
    for suffix in ("npz", "mat"):
        path = save(real.network, tmp_path / f"real.{suffix}", configuration=real.configuration, **extras(REAL))
        assert_same(load(path).network, real.network)
        np.testing.assert_array_equal(extras(path)["eval_os"], extras(REAL)["eval_os"])


def spikernn_contents(**changed):
    """Return the contents of a file of main.py of spikeRNN, with some keys changed, or removed if None."""
    network = random_network(3, size=6, channels=1)
    raw = np.maximum(np.asarray(network.weights), 0)
    signs = np.asarray(network.signs)
    contents = {
        **{"w": raw, "m": np.diag(signs), "som_m": np.ones_like(raw), "N": 6},
        **{"exc": (signs > 0)[:, None], "inh": (signs < 0)[:, None]},
        **{"w_in": np.asarray(network.input_weights), "w_out": np.asarray(network.readout), "b_out": 0.5},
        **{"taus": [4.0, 25.0], "taus_gaus": np.asarray(network.logits)[:, None], "tr": 1501},
    }
    return {key: value for key, value in (contents | changed).items() if value is not None}


def spikernn_file(tmp_path, **changed):
    path = tmp_path / "spikernn_contents.mat"
    savemat(path, spikernn_contents(**changed))
    return path


def test_the_minimal_contents_of_a_spikernn_file_are_sufficient(tmp_path):
    network = read_mat(spikernn_file(tmp_path)).network
    assert (network.tau_range, network.dt, network.mask, network.noise_channels) == ((20.0, 125.0), 5.0, None, 0)
    assert load(spikernn_file(tmp_path)).configuration == {"tr": 1501}
    assert_same(network, read_mat(spikernn_file(tmp_path, m=None)).network)
    assert_same(network, read_mat(spikernn_file(tmp_path, m=None, inh=None)).network)
    assert_same(network, read_mat(spikernn_file(tmp_path, exc=None, inh=None)).network)
    contents = spikernn_contents()
    for key in ("w_in", "w_out", "taus_gaus", "b_out"):  # vectors may be stored as rows or columns
        assert_same(network, read_mat(spikernn_file(tmp_path, **{key: np.ravel(contents[key])})).network)
        assert_same(network, read_mat(spikernn_file(tmp_path, **{key: np.reshape(contents[key], (-1, 1))})).network)
    halved = read_mat(spikernn_file(tmp_path), dt=2.5).network
    assert halved.tau_range == (10.0, 62.5)
    assert read_mat(spikernn_file(tmp_path, w_noise=np.ones((6, 4)))).network.noise_channels == 4


def test_fixed_time_constants_stay_fixed(tmp_path):
    network = read_mat(spikernn_file(tmp_path, taus=10.0)).network
    assert network.tau.tolist() == [50.0] * 6
    assert (np.asarray(jax.nn.sigmoid(network.logits)) == 0).all()
    assert (np.asarray(jax.vmap(jax.grad(jax.nn.sigmoid))(network.logits)) == 0).all()
    assert read_mat(spikernn_file(tmp_path, taus=10.0, taus_gaus=None)).network.tau.tolist() == [50.0] * 6
    again = read_mat(write_mat(network, tmp_path / "again.mat")).network
    assert_same(network, again)


def test_files_of_matlab_7_3_are_read(tmp_path):
    network = random_network(4, size=5, channels=2, outputs=2, noise_channels=3, masked=True)
    plain = loadmat(write_mat(network, tmp_path / "plain.mat", configuration={"delay": 250}))
    path = tmp_path / "hdf5.mat"
    with h5py.File(path, "w") as file:
        for key, values in plain.items():
            if not key.startswith("__"):
                text = values.dtype.kind == "U"
                array = np.array([[ord(c)] for c in values[0]], np.uint16) if text else values.T
                file[key] = array
                file[key].attrs["MATLAB_class"] = np.bytes_("char" if text else "single")
    assert_same(network, load(path).network)
    assert load(path).configuration == {"delay": 250}


def test_edited_values_take_precedence_over_stored_exact_ones(tmp_path):
    """w_raw and tau_range_ms provide exact values; if they are inconsistent with w or taus, these were edited."""
    arrays = loadmat(write_mat(random_network(5), tmp_path / "one.mat"))
    contents = {key: values for key, values in arrays.items() if not key.startswith("__")}
    contents["w"] = contents["w"] * 2
    contents["taus"] = contents["taus"] * 2
    savemat(tmp_path / "edited.mat", contents)
    original, edited = load(tmp_path / "one.mat").network, load(tmp_path / "edited.mat").network
    np.testing.assert_allclose(edited.effective, 2 * original.effective)
    assert edited.tau_range == pytest.approx([2 * value for value in original.tau_range])


def off_diagonal():
    m = spikernn_contents()["m"].copy()
    m[0, 1] = 1
    return m


SIX = np.ones((6, 6))
WRONG = {
    "no weights": ({"w": None}, r"lacks w; a .mat network file contains .*main.py of spikeRNN"),
    "no taus": ({"taus": None, "b_out": None}, "lacks b_out, taus"),
    "no logits": ({"taus_gaus": None}, "lacks taus_gaus"),
    "no signs": ({"m": None, "exc": None, "inh": None}, "lacks m"),
    "nan": ({"w": SIX * np.nan}, "w in .* with 36 values that are NaN"),
    "wide": ({"w": np.ones((6, 5))}, r"w in .* of shape \(6, 5\); a square matrix"),
    "signs of another size": ({"m": np.eye(5)}, r"m in .* of shape \(5, 5\)"),
    "off the diagonal": ({"m": off_diagonal()}, "m in .* off its diagonal"),
    "contradiction": ({"inh": np.ones((6, 1)), "exc": None}, "m and inh in .* differ in [1-6] units"),
    "half signs": ({"m": np.eye(6) / 2, "exc": None, "inh": None}, "signs other than"),
    "types of another size": ({"inh": np.ones((5, 1))}, "inh in .* of 5 units; 6"),
    "input of another size": ({"w_in": np.ones((5, 2))}, r"input weights of shape \(5, 2\)"),
    "readout of another size": ({"w_out": np.ones((2, 5))}, r"readout weights of shape \(2, 5\)"),
    "logits of another size": ({"taus_gaus": np.ones((5, 1))}, r"logits of the time constants of shape \(5,\)"),
    "descending range": ({"taus": [25.0, 4.0]}, "tau range 125 … 20 ms"),
    "below a step": ({"taus": [0.5, 4.0]}, "dt 5 ms with time constants from 2.5 ms"),
    "three taus": ({"taus": [1.0, 2.0, 3.0]}, "taus in .* of 3 values"),
    "no mask": ({"som_m": SIX / 2}, "som_m in .* 36 values other than 0 and 1"),
    "mask of another size": ({"som_m": np.zeros((5, 5))}, r"mask of shape \(5, 5\)"),
    "another activation": ({"activation": "clipped_relu"}, "activation clipped_relu; .*sigmoid"),
    "no Dale": ({"w": -SIX, "m": np.eye(6), "exc": None, "inh": None}, "negative weights but no inhibitory unit"),
    "a structure": ({"w": {"inside": 1.0}}, r"cannot be read \(w is a structure"),
    "text": ({"w_in": "text"}, "w_in in .* of type .*real numbers"),
}


@pytest.mark.parametrize("case", WRONG)
def test_invalid_contents_are_explained_in_one_line(tmp_path, case):
    changed, message = WRONG[case]
    with pytest.raises(InputError, match=message) as refused:
        load(spikernn_file(tmp_path, **changed))
    assert "\n" not in str(refused.value)
    assert "spikernn_contents.mat" in str(refused.value)


def test_corrupt_files_and_invalid_names_are_refused(tmp_path):
    broken = tmp_path / "broken.mat"
    for content in (b"", b"MATLAB? no", REAL.read_bytes()[:5000]):
        broken.write_bytes(content)
        with pytest.raises(InputError, match=r"broken.mat.*cannot be read"):
            load(broken)
    for name in ("w", "_hidden", "a" * 32):
        with pytest.raises(InputError, match=name):
            write_mat(NETWORK, tmp_path / "n.mat", **{name: 1.0})
    with pytest.raises(InputError, match=r"a file ending in .mat"):
        write_mat(NETWORK, tmp_path / "n.npz")

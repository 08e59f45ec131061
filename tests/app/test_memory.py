"""The page about working memory shows the library's own numbers, and its stories are true."""

import json
import subprocess
import sys
from pathlib import Path

import jax
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import noisette as nz
from noisette.app import uploads
from noisette.app.pages import memory as page
from noisette.app.pages.memory import Memory
from noisette.app.results import answers, data_of, joined, quiet, view_of
from noisette.errors import InputError
from noisette.papers.working_memory import example, experiment

REAL = Path(__file__).parents[1] / "data" / "gonogo_spikeRNN_tf1.mat"
STORIES = [story.view for story in page.PAGE.stories]
SMALL = Memory(channels="trained", vary="input_noise", trials=10)
KEY = jax.random.split(jax.random.key(0))[1]


def last(part, view):
    """Return the last answer of a long part."""
    *_, answer = part(view, quiet)
    return answer


@pytest.fixture(scope="module")
def real():
    """Return the name of an uploaded network, trained by the original program."""
    return uploads.keep(REAL.read_bytes(), REAL.name)


def test_time_constants_are_those_of_the_network():
    answer = page.time_constants(Memory(network="stored:0"), quiet)
    network = example(0)
    np.testing.assert_array_equal(answer.data.tau.values, network.tau)
    inhibitory = network.tau[~network.excitatory].mean()
    assert f"{inhibitory:.0f} ms in inhibitory units" in answer.sentence
    counts = [sum(bars["y"]) for bars in answer.figures["tau"]["data"]]
    assert counts == [network.excitatory.sum(), (~network.excitatory).sum()]


def test_time_constants_are_set_by_hand():
    tau = page.time_constants(Memory(tau_of="inhibitory", tau=60.0), quiet).data
    network = example(10)
    np.testing.assert_allclose(tau.tau.values[~network.excitatory], 60, rtol=1e-5)
    np.testing.assert_array_equal(tau.tau.values[network.excitatory], network.tau[network.excitatory])


def test_new_noise_channels_scale_with_the_internal_noise():
    single, double, other = (
        page.network_of(Memory(network="stored:0", internal=internal, seed=seed)).noise_weights
        for internal, seed in ((1.0, 3), (2.0, 3), (1.0, 4))
    )
    np.testing.assert_array_equal(double, 2 * single)
    assert single.shape == (200, 10)
    assert abs(float(np.std(single)) - 1) < 0.1  # 2000 numbers: 6 standard errors
    assert abs(float(np.corrcoef(single.ravel(), other.ravel())[0, 1])) < 0.15
    assert page.network_of(Memory(network="stored:0", channels="trained")).noise_channels == 0


@pytest.mark.slow
def test_a_trial_is_that_of_the_library():
    view = SMALL.but(condition="2")
    answer = page.trial(view, quiet)
    task = nz.tasks.DMS()
    known = nz.training.run_trials(example(10), task, 1, key=KEY, label="+1/-1", score="strict", units=True)
    every = 2  # 300 steps in at most 200 columns
    np.testing.assert_array_equal(answer.data.output.values, known.outputs.values[0, ::every, 0])
    np.testing.assert_array_equal(answer.data.input.values, known.inputs.values[0, ::every])
    np.testing.assert_allclose(answer.data.rate.values, jax.nn.sigmoid(known.units.values[0, ::every]), rtol=1e-5)
    output = float(known.outputs.where(known.mask > 0).mean())
    assert answer.values["mean output in the response"] == f"{output:.4f}"
    assert "+1/-1, correct" in answer.sentence
    assert "−1 is expected" in answer.sentence
    assert bool(known.correct[0])


@pytest.mark.slow
@pytest.mark.parametrize("order", ["peak", "selectivity"])
def test_units_are_sorted_within_their_types(order):
    answer = page.trial(SMALL.but(order=order), quiet)
    rates, excitatory = answer.data.rate.values, answer.data.excitatory.values
    shown = next(trace for trace in answer.figures["trial"]["data"] if trace["type"] == "heatmap")
    rows = np.array(shown["z"])
    first = int(excitatory.sum())
    sums = np.sort(rates.round(2).sum(0))
    np.testing.assert_allclose(np.sort(rows.sum(1)), sums, atol=1e-3)
    np.testing.assert_allclose(np.sort(rows[:first].sum(1)), np.sort(rates[:, excitatory].round(2).sum(0)), atol=1e-3)
    if order == "selectivity":
        delay = (answer.data.time.values > 500) & (answer.data.time.values <= 750)
        firing = rows[:, delay].mean(1)
        for rank in (firing[:first], firing[first:]):
            third = len(rank) // 3
            assert rank[:third].mean() > 2 * rank[-third:].mean()


@pytest.mark.slow
def test_accuracies_are_those_of_the_library_and_come_one_by_one():
    reports = []
    partial = list(page.accuracy(SMALL.but(input_noise=1.5), lambda done, total: reports.append((done, total))))
    assert [answer.complete for answer in partial] == [False] * 5 + [True]
    assert [answer.data.sizes["input_noise"] for answer in partial] == [1, 2, 3, 4, 5, 6]
    assert float(partial[0].data.input_noise[0]) == 1.5
    assert reports == [(n, 6) for n in range(6)]
    for noise in (0.0, 1.5):
        known = nz.training.test(
            example(10), nz.tasks.DMS(), internal_noise="trained", input_noise=noise, trials=10, key=KEY
        )
        shown = partial[-1].data.sel(input_noise=noise)
        np.testing.assert_array_equal(shown.accuracy, known.accuracy[0, 0])
        np.testing.assert_array_equal(shown.accuracy_interval, known.accuracy_interval[0, 0])
    own = float(partial[0].data.accuracy.sel(score="strict")[0])
    assert f"answers {round(10 * own)} of 10 trials by the mean output" in partial[-1].sentence
    assert "input noise 1.5" in partial[-1].sentence


@pytest.mark.slow
def test_modes_and_trajectories_are_those_of_the_library():
    task, network = nz.tasks.DMS(), example(10)
    shown = last(page.spectrum, SMALL.but(condition="3")).data  # the first stimulus is −1
    state = nz.analysis.delay_state(network, task, 10, key=KEY)
    known = nz.analysis.modes(network, state.state).sel(stimulus=-1)
    np.testing.assert_array_equal(shown.eigenvalue, known.eigenvalue)
    np.testing.assert_array_equal(shown.ipr_left, known.ipr_left)
    means = [
        nz.training.run_trials(network, task, 10, key=KEY, label=n, units=True).units.mean("trial") for n in range(4)
    ]
    components = nz.analysis.pca(np.array(means)[:, 50::2].astype(float))
    paths = last(page.paths, SMALL)
    np.testing.assert_allclose(paths.data.projection, components.projection, atol=1e-5)
    share = float(components.explained[:3].sum())
    assert f"{100 * share:.0f} % of the variance" in paths.sentence


@pytest.fixture
def few_values(monkeypatch):
    """Test accuracies at two values of each parameter."""
    monkeypatch.setattr(page, "GRIDS", {"delay": (250.0, 500.0), "internal": (0.0, 1.5), "input_noise": (0.0, 3.0)})


NUMBERS = (
    "[array.values.tolist() for array in "
    "(accuracy, trial.outputs, output, modes.largest, paths.explained[:3], xr.DataArray(network.tau))]"
)


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"vary": "delay"},
        {"channels": "trained", "tau_of": "inhibitory", "tau": 50.0, "condition": "3"},
        {"pulse": 1.0, "seed": 3, "internal": 2.0},
        {"order": "selectivity", "input_noise": 0.5, "network": "stored:0"},
    ],
)
def test_the_code_of_a_view_gives_its_numbers(changes, few_values):
    view, names = Memory(trials=10, **changes), {}
    exec(page.python(view), names)
    check_numbers(view, eval(NUMBERS, names))


@pytest.mark.slow
def test_the_code_of_an_upload_gives_its_numbers(real, few_values, tmp_path, monkeypatch):
    view, names = Memory(network=real, vary="input_noise", trials=10, pulse=1.0, tau_of="all", tau=50.0), {}
    (tmp_path / REAL.name).write_bytes(REAL.read_bytes())
    monkeypatch.chdir(tmp_path)
    exec(page.python(view), names)
    check_numbers(view, eval(NUMBERS, names))


@pytest.mark.slow
def test_code_runs_in_a_fresh_process(few_values, tmp_path):
    view = Memory(trials=10)
    code = f"{page.python(view)}\nimport json\nprint('NUMBERS', json.dumps({NUMBERS}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True)
    check_numbers(view, json.loads(done.stdout.rpartition("NUMBERS ")[2]))


def check_numbers(view, numbers):
    """Compare the numbers of the code of a view with those of the page."""
    accuracy, outputs, output, largest, explained, tau = map(np.array, numbers)
    known = {name: answer.data for name, answer in answers(view).items()}
    np.testing.assert_array_equal(accuracy, known["accuracy"].accuracy)
    every = -(-outputs.shape[1] // 200)
    np.testing.assert_allclose(outputs[0, ::every, 0], known["trial"].output, atol=1e-6)
    assert page.trial(view, quiet).values["mean output in the response"] == f"{float(output):.4f}"
    stimulus = 1 if view.condition == "3" else 0
    assert float(known["spectrum"].largest) == pytest.approx(largest[stimulus], rel=1e-6)
    np.testing.assert_allclose(explained, known["paths"].explained[:3], rtol=1e-6)
    np.testing.assert_array_equal(tau, known["tau"].tau)


def test_the_command_states_the_view():
    assert view_of(page.command(STORIES[0]).split("'")[1]) == STORIES[0]


def test_stored_networks_trained_in_noise_remember_longer_by_sign():
    """The numbers of the first story, from all networks that learned the task."""
    data = experiment().sel(inputs=2)
    robust = data.robustness.where(data.success > 0).sel(condition="both", delay=1250.0).mean("network")
    numbers = [robust.sel(channels=c, score=score) for score in ("strict", "threshold") for c in (10, 0)]
    assert [f"{float(number):.2f}"[1:] for number in numbers] == [".76", ".63", ".72", ".68"]
    assert [int(data.success.sel(channels=c).sum()) for c in (10, 0)] == [50, 33]
    words = page.PAGE.stories[0].text
    assert all(text in words for text in (".76", ".63", ".72", ".68", "50 networks", "33 without"))
    assert STORIES[0].delay == 1250


@pytest.mark.slow
def test_the_two_networks_differ_less_than_the_means():
    difference = []
    for seed in range(4):
        views = (STORIES[0].but(network=name, seed=seed, trials=100) for name in ("stored:10", "stored:0"))
        strict = [float(next(page.accuracy(view, quiet)).data.accuracy.sel(score="strict")[0]) for view in views]
        difference.append(strict[0] - strict[1])
    assert 0 < np.mean(difference) < 0.76 - 0.63


def test_inhibitory_units_are_slow_after_training_in_noise():
    means = []
    for name in ("stored:10", "stored:0"):
        data = page.time_constants(STORIES[1].but(network=name), quiet).data
        means.append([float(data.tau[data.excitatory == excitatory].mean()) for excitatory in (False, True)])
    (slow, _), (fast, _) = means
    assert [f"{slow:.0f}", f"{fast:.0f}"] == ["88", "59"]
    assert all(abs(excitatory - 40) < 1 for _, excitatory in means)


@pytest.mark.slow
def test_time_constants_set_by_hand_impair_the_network():
    view = STORIES[2].but(trials=100)
    trained, slow, fast = (
        next(page.accuracy(each, quiet)).data.accuracy.isel(internal=0)
        for each in (view.but(tau_of="trained"), view, view.but(tau=20.0))
    )
    assert trained.sel(score="threshold") - slow.sel(score="threshold") > 0.1
    assert slow.sel(score="strict") > 0.95
    assert abs(fast.sel(score="strict") - 0.5) < 0.15


@pytest.mark.slow
def test_the_pulse_reverses_the_memory_in_a_minority_of_trials():
    answer = page.trial(STORIES[3], quiet)
    assert "+1/+1, wrong" in answer.sentence
    assert "the pulse reverses the answer" in answer.sentence
    assert float(answer.values["mean output in the response"]) < -0.5
    assert float(answer.values["mean output without the pulse"]) > 0.5
    wrong = ["wrong" in page.trial(STORIES[3].but(seed=seed), quiet).sentence for seed in range(20)]
    assert 0 < sum(wrong) < 10


@pytest.mark.slow
def test_a_network_of_the_original_program_is_opened(real):
    view = Memory.read({"network": real, "trials": "10"})
    known = answers(view)
    assert "Condition go, correct" in known["trial"].sentence
    own = known["accuracy"].data.sel(internal=0.0)
    assert own.accuracy.min() >= 0.95  # the file states an accuracy of 1
    assert "response" in known["spectrum"].sentence
    assert known["paths"].data.condition.values.tolist() == ["go", "no-go"]
    assert joined(view, known).sizes["condition"] == 2


def test_the_task_of_a_file_is_that_of_its_training(tmp_path):
    network = silent(channels=1)
    task = nz.tasks.AFC(fixation=50.0, stimulus=100.0, duration=400.0, input_noise=0.3)
    file = nz.training.save(network, tmp_path / "one.npz", configuration={"task": task.configuration})
    view = Memory.read({"network": uploads.keep(file.read_bytes(), "one.npz"), "vary": "delay"})
    assert view.own_task() == nz.tasks.AFC(fixation=50.0, stimulus=100.0, duration=400.0)
    assert view.varied() == "internal"  # the task has no delay
    chosen = view.but(task="dms", delay=502.0)
    assert chosen.own_task() == nz.tasks.DMS(inputs=1, delay=500.0)
    assert "nz.tasks.AFC(" in page.python(view)


def test_untrusted_configurations_are_refused_in_words_or_ignored(tmp_path):
    network = silent()
    dms = nz.tasks.DMS().configuration
    for stored in ({"task": "os:system"}, {"task": {"task": "os:system"}}, {"task": {"task": 3}}, {"task": [1]}):
        view = uploaded(network, stored, tmp_path)
        assert view.own_task() == nz.tasks.DMS()
    assert uploaded(network, {"task": dms | {"fixation": "x"}}, tmp_path).own_task() == nz.tasks.DMS()
    for change, words in (
        ({"fixation": 7000.0}, "at most 1200"),
        ({"stimulus": -5.0}, "at least"),
        ({"gap": 0.1}, "whole"),
    ):
        with pytest.raises(InputError, match=words):
            uploaded(network, {"task": dms | change}, tmp_path)


def silent(size=12, channels=2, outputs=1):
    """Return a network whose weights are zero, which compiles no programs."""
    weights, inputs, readout = (np.zeros(shape) for shape in ((size, size), (size, channels), (outputs, size)))
    return nz.networks.TaskNetwork(weights, np.ones(size), np.zeros(size), inputs, readout)


def uploaded(network, configuration, folder):
    """Return the view of a network that is stored with a configuration."""
    file = nz.training.save(network, folder / "one.npz")
    arrays = dict(np.load(file))
    arrays["configuration"] = np.asarray(json.dumps(configuration))
    np.savez(file, **arrays)
    return Memory.read({"network": uploads.keep(file.read_bytes(), "one.npz")})


def test_files_that_are_no_networks_are_refused_by_their_names(tmp_path):
    np.savez(
        tmp_path / "p.npz", W_rec=np.eye(3), W_in=np.ones((3, 2)), W_out=np.ones((1, 3)), b_rec=np.zeros(3), b_out=[0.5]
    )
    for name, network in (("large", silent(401)), ("two", silent(outputs=2)), ("three", silent(channels=3))):
        nz.training.save(network, tmp_path / f"{name}.npz")
    for name, words in (
        ("p.npz", "contains no time constants"),
        ("large.npz", "large.npz has 401 units; at most 400"),
        ("two.npz", "two.npz has 2 outputs"),
        ("three.npz", "3 input channels"),
    ):
        token = uploads.keep((tmp_path / name).read_bytes(), name)
        with pytest.raises(InputError, match=words):
            Memory.read({"network": token})
    for content, name, words in ((b"rubbish", "a.mat", "'a.mat' cannot be read"), (b"1,2", "b.csv", "ends in '.csv'")):
        with pytest.raises(InputError, match=words):
            Memory.read({"network": uploads.keep(content, name)})


def test_wrong_addresses_are_refused_in_words(real):
    for address, words in (
        ("/memory?network=/etc/passwd", "stored:10, stored:0, or an uploaded file"),
        ("/memory?network=upload:0123456789abcdef", "upload it again"),
        ("/memory?task=ctx", "ctx has 4 input channels; the network has 2"),
        (f"/memory?network={real}&condition=3", "this task has 2"),
        (f"/memory?network={real}&tau_of=all&tau=125", "20 … 100 ms"),
        ("/memory?delay=-1", "from 0 to 3000"),
        ("/memory?trials=1000", "from 10 to 200"),
    ):
        with pytest.raises(InputError, match=words):
            view_of(address)


# networks, channels, delays and tasks are few, since each of them compiles programs
SHAPES = (
    ("stored:10", "fresh", 250.0, "auto"),
    ("stored:10", "fresh", 250.0, "xor"),
    ("stored:0", "trained", 0.0, "auto"),
)


@pytest.mark.slow
@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(SHAPES),
    st.builds(
        Memory,
        tau_of=st.sampled_from(["trained", "all", "inhibitory", "excitatory"]),
        tau=st.floats(20, 125),
        condition=st.sampled_from("1234"),
        internal=st.floats(0, 3),
        input_noise=st.floats(0, 3),
        pulse=st.floats(0, 4),
        order=st.sampled_from(["peak", "selectivity"]),
        trials=st.just(10),
    ),
)
def test_random_views_answer_in_all_parts(shape, view):
    view = view.but(**dict(zip(("network", "channels", "delay", "task"), shape, strict=True)))
    for part in page.PAGE.parts:
        produced = part.compute(view, quiet)
        first = produced if hasattr(produced, "figures") else next(iter(produced))
        assert set(first.figures) == {panel.name for panel in part.panels}
        assert first.sentence
        json.dumps(dict(first.figures), allow_nan=False)


@pytest.mark.slow
def test_the_numbers_of_an_address_are_one_file():
    data = data_of("/memory?trials=10")
    assert set(data) == {"trial", "accuracy", "tau", "spectrum", "paths"}
    known = answers(view_of("/memory?trials=10"))
    whole = joined(Memory(trials=10), known)
    assert whole.output.equals(data["trial"].output)
    assert whole.accuracy.equals(data["accuracy"].accuracy)

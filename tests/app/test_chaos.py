"""The page about chaos shows the library's own numbers, or refuses a view in words."""

import json
import subprocess
import sys

import jax
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import noisette as nz
from noisette.app import downloads
from noisette.app.calculations import Calculations
from noisette.app.controls import Choice, Number
from noisette.app.pages import _chaos_run as runs
from noisette.app.pages import chaos as page
from noisette.app.results import answers, joined, view_of
from noisette.app.views import InvalidView
from noisette.errors import InputError

SMALL = page.Chaos(weights="gaussian:20", gain=2.5, duration=60.0, on=20.0, off=40.0, dt=0.05)
CONSTANT = SMALL.but(base=0.0, gamma=0.0)
STORIES = {story.title: story.view for story in page.PAGE.stories}


def last(part, view):
    """Return the most complete answer of a part."""
    produced = page.PAGE.part(part).compute(view, lambda done, total: None)
    return produced if not hasattr(produced, "__iter__") else [*produced][-1]


def phase(answer, number):
    """Return exponent, error and energies of a phase."""
    data = answer.data.isel(phase=number)
    return float(data.lyapunov), float(data.lyapunov_se), float(data.kinetic_energy), float(data.mean_kinetic_energy)


# the library's own numbers


@pytest.mark.slow
def test_the_run_is_that_of_the_library_with_a_switch():
    answer = last("run", SMALL)
    W = nz.weights.from_string("gaussian:20", 0)
    network = nz.Onsager(nz.RateNetwork(W, 2.5), nz.Switch([20.0, 40.0], [0.0, 1.0, 0.0]))
    probes = [nz.Trace(every=2), nz.Speed(every=2), nz.Lyapunov()]
    key = jax.random.fold_in(jax.random.key(0), 0)
    run = nz.simulate(network, 1200, probes, dt=0.05, key=key)
    np.testing.assert_array_equal(answer.data.trace, run.trace[0, :, :5])
    np.testing.assert_array_equal(answer.data.speed, run.speed[0])
    for number, (begin, end) in enumerate(((24, 40), (44, 60)), 1):  # 20 % of each phase are left out
        window = nz.analysis.exponents_between(run, begin / 60, end / 60)
        assert phase(answer, number)[0] == pytest.approx(float(window.lyapunov[0, 0]), abs=1e-12)
    final = nz.analysis.spectrum(nz.RateNetwork(W, 2.5), run.final[0])
    shown = answer.data.eigenvalues.values[-1]
    np.testing.assert_allclose(shown[:, 0] + 1j * shown[:, 1], final, atol=1e-12)
    theory = nz.theory.mean_field(nz.activations.tanh, 2.5)
    assert float(answer.data.mean_field_lyapunov) == float(theory.lyapunov)
    line = answer.figures["gain"]["data"][0]
    assert line["y"][line["x"].index(2.5)] == float(theory.lyapunov)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["none", "white", "ou"])
def test_the_exponent_at_constant_gamma_is_that_of_a_chaos_curve(kind):
    view = CONSTANT.but(kind=kind, base=1.0, gamma=1.0) if kind == "none" else CONSTANT.but(kind=kind)
    curve = nz.chaos_curve(
        nz.weights.ensemble("gaussian:20"),
        [2.5],
        networks=1,
        gamma=view.gamma,
        dt=0.05,
        duration=60.0,
        discard=12.0,
        noise=nz.noise.from_string(view.noise_word),
        key=0,
        halve=False,
    )
    assert phase(last("run", view), 0)[0] == pytest.approx(curve.lyapunov.item(), abs=1e-8)


@pytest.mark.slow
def test_the_first_steps_are_the_beginning_of_the_run():
    first, whole = last("beginning", SMALL), last("run", SMALL)
    np.testing.assert_allclose(first.data.first_trace, whole.data.trace[:200], atol=1e-12)
    state = runs.beginning_of(SMALL).final.values[0]
    network = nz.RateNetwork(nz.weights.from_string("gaussian:20", 0), 2.5)
    for gamma, bound in zip((0.0, 1.0), first.data.longest_step.values, strict=True):
        own = nz.simulation.step_stability(nz.Onsager(network, gamma), state, 0.05)
        assert bound == pytest.approx(own.bound, rel=1e-9)


@pytest.mark.slow
def test_the_audit_and_the_run_with_half_of_the_step_are_those_of_the_library():
    view = CONSTANT.but(base=1.0, gamma=1.0, gain=6.0, duration=20.0)
    answer = last("step", view)
    network = nz.Onsager(nz.RateNetwork(nz.weights.from_string("gaussian:20", 0), 6.0), 1.0)
    key = jax.random.fold_in(jax.random.key(0), 0)
    audit = nz.step_audit(network, 0.05, duration=20.0, runs=1, key=key)
    assert answer.data.attrs["verdict"] == audit.attrs["verdict"] == "unstable"
    fine = nz.simulate(network, 800, [nz.Speed(every=2)], dt=0.025, key=key, warn=False)
    np.testing.assert_allclose(answer.data.speed_half, fine.speed[0], rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("view", [page.Chaos(), *STORIES.values()], ids=["first view", *STORIES])
def test_the_code_of_a_view_gives_its_numbers_in_a_fresh_process(view, tmp_path):
    code = page.python(view) + "import json\nprint('NUMBERS', json.dumps(run.speed.values[0].tolist()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True)
    table, _, numbers = done.stdout.rpartition("NUMBERS ")
    answer = last("run", view)
    assert json.loads(numbers) == answer.data.speed.values.tolist()
    rows = [line.split() for line in table.splitlines() if line[0].isdigit()]
    assert len(rows) == answer.data.sizes["phase"]
    for number, row in enumerate(rows):
        assert [float(entry) for entry in row[3:]] == pytest.approx(phase(answer, number)[:3], rel=1e-12, nan_ok=True)
    assert f"λ = {float(answer.data.mean_field_lyapunov)}" in table


@pytest.mark.slow
@pytest.mark.parametrize("change", [{"base": 1.0, "gamma": 1.0}, {"kind": "ou", "seed": 3}])
def test_the_command_of_a_constant_gamma_gives_its_exponent(change, tmp_path):
    view = CONSTANT.but(**change)
    assert page.command(view).startswith("noisette chaos ")
    done = subprocess.run(page.command(view), shell=True, capture_output=True, text=True, cwd=tmp_path, check=True)
    exponent, *_ = json.loads(done.stdout)["lyapunov"]
    assert exponent == pytest.approx(phase(last("run", view), 0)[0], abs=1e-8)


def test_other_views_have_the_command_of_their_address():
    assert page.command(SMALL) == f"noisette explore '{SMALL.address()}' --json"
    assert page.command(CONSTANT.but(weights="autapses:10")).startswith("noisette explore")


@pytest.mark.slow
def test_the_table_has_the_traces_and_energies():
    calculations = Calculations()
    calculation = calculations.request("chaos", page.PAGE.part("run"), SMALL, "session")
    assert calculation.finished.wait(120)
    content = downloads.of(page.PAGE, SMALL, calculations, "csv")["content"]
    rows = [line.split(",") for line in content.splitlines()]
    table = dict(zip(rows[0], np.array(rows[1:], float).T, strict=True))
    answer = last("run", SMALL)
    assert len(rows) - 1 == answer.data.trace.size
    np.testing.assert_array_equal(table["trace"], answer.data.trace.values.ravel())
    np.testing.assert_array_equal(table["speed"], np.repeat(answer.data.speed.values, 5))


@pytest.mark.slow
def test_the_second_start_is_that_of_the_library():
    view = CONSTANT.but(kind="white", strength=3.0)
    answer = last("meeting", view)
    network = nz.RateNetwork(nz.weights.from_string("gaussian:20", 0), 2.5, noise=nz.White(3.0))
    key = jax.random.fold_in(jax.random.key(0), 0)
    own = nz.analysis.synchronisation(network, duration=60.0, dt=0.05, key=key, warn=False)
    np.testing.assert_array_equal(answer.data.distance, own.distance)
    assert answer.sentence.startswith("Two starts in the same noise meet")
    assert len(answer.figures["meeting"]["data"]) == 2
    chaotic = last("meeting", CONSTANT.but(weights="gaussian:100", gain=4.0))
    assert chaotic.sentence.startswith("Two starts without noise have not met")


# regimes


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"gain": 0.5}, "At rest: λ = −0."),
        ({"gain": 3.0, "weights": "gaussian:100"}, "Chaotic: λ = 0."),
        ({"gain": 1.5, "kind": "white", "strength": 2.0}, "Noise suppresses chaos: λ = −0."),
        ({"gain": 0.5, "kind": "white"}, "trajectories in the same noise converge"),
        (
            {"gain": 6.0, "base": 1.0, "gamma": 1.0, "weights": "gaussian:100"},
            "This chaos is Euler's step: dt = 0.05 τ is longer than the bound",
        ),
        ({"gain": 2.0, "base": 1.0, "gamma": 1.0, "dt": 0.02}, "Frozen: E_k/N falls from"),
        ({"gain": 2.0, "activation": "linear"}, "The activity grows without bound"),
    ],
)
def test_the_regime_is_put_in_words(change, words):
    assert words in last("run", CONSTANT.but(duration=150.0, **{"dt": 0.05} | change)).sentence


@pytest.mark.slow
def test_a_gradient_descent_whose_step_is_within_the_bound_is_not_called_chaotic():
    changes = {"weights": "gaussian:60", "gain": 6.0, "base": 1.0, "gamma": 1.0}
    long, short = (CONSTANT.but(**changes, dt=dt) for dt in (0.05, 0.005))
    exponents = [phase(last("run", view), 0)[0] for view in (long, short)]
    numbers = [max(2 * view.dt / last("run", view).data.bound.values) for view in (long, short)]
    assert exponents[0] > 0.5 > 0.02 > exponents[1]
    assert numbers[0] > 2 > numbers[1]
    assert "Euler's step" not in last("run", short).sentence


def test_theory_is_shown_only_for_weights_that_it_describes():
    answer = last("run", CONSTANT.but(weights="autapses:1:4", duration=10.0))
    assert "mean_field_lyapunov" not in answer.data
    assert "no mean-field theory" in answer.figures["gain"]["layout"]["annotations"][0]["text"]


# stories


@pytest.mark.slow
def test_freezing_and_release():
    answer = last("run", STORIES["Freezing and release"])
    before, frozen, after = (phase(answer, number) for number in range(3))
    assert before[0] == pytest.approx(0.18, abs=0.005)
    assert frozen[2] < before[3] / 100
    assert after[0] > 2 * after[1]
    assert answer.sentence.startswith("Frozen")
    assert "chaos returns" in answer.sentence


@pytest.mark.slow
def test_noise_suppresses_chaos():
    view = STORIES["Noise suppresses chaos"]
    exponents = []
    for strength in (2.0, 1.0, 0.5, 0.0):
        answer = last("run", view.but(strength=strength))
        exponents.append(phase(answer, 0)[0])
        if strength == 2.0:
            assert answer.sentence.startswith("Noise suppresses chaos")
            assert float(answer.data.mean_field_lyapunov) == pytest.approx(-0.19, abs=0.005)
            variable = answer.data.trace.var("time").mean().item()
    assert [exponents[0], exponents[-1]] == pytest.approx([-0.23, 0.05], abs=0.005)
    assert exponents[1] < 0 < exponents[2]
    assert float(answer.data.mean_field_lyapunov) == pytest.approx(0.11, abs=0.005)
    assert answer.data.trace.var("time").mean().item() < variable


@pytest.mark.slow
def test_chaos_that_is_the_steps():
    view = STORIES["Chaos that is the step's"]
    long, short = (last("run", view.but(dt=dt)) for dt in (0.05, 0.01))
    assert long.sentence.startswith("This chaos is Euler's step")
    assert phase(long, 0)[0] > 1.5
    assert phase(short, 0)[0] < 0.01
    assert phase(short, 0)[2] < phase(long, 0)[2] / 10
    assert last("step", view).data.attrs["verdict"] == "unstable"


@pytest.mark.slow
def test_how_much_of_the_term():
    view = STORIES["How much of the term?"]
    results = {gamma: last("run", view.but(gamma=gamma)) for gamma in (0.2, 0.6, 2.0, -0.5)}
    before = phase(results[0.2], 0)
    weak, middle, strong, negative = (phase(answer, 1) for answer in results.values())
    assert weak[3] < before[3]
    assert weak[0] - 2 * weak[1] > 0
    assert results[0.2].sentence.startswith("Not frozen")
    assert all(results[gamma].sentence.startswith("Frozen") for gamma in (0.6, 2.0))
    assert max(middle[2], strong[2]) < before[3] / 10
    assert negative[0] > 3 * before[0]


@pytest.mark.slow
def test_one_network_is_not_the_mean_field():
    view = STORIES["One network is not the mean field"]
    answer = last("run", view)
    assert float(answer.data.mean_field_lyapunov) == pytest.approx(0.112, abs=0.0005)
    assert answer.sentence.startswith("At rest")
    assert phase(answer, 0)[2] < 1e-8
    assert any(last("run", view.but(seed=seed)).sentence.startswith("Chaotic") for seed in (2, 3, 4, 5))


# any view


def test_wrong_addresses_are_refused_in_words():
    for address, words in (
        ("/chaos?weights=gaussian:201", "at most 200 units"),
        ("/chaos?weights=/etc/passwd", "autapses:W"),
        ("/chaos?weights=upload:0123456789abcdef", "upload it again"),
        ("/chaos?on=50&off=40", "a time after the first one, 50"),
        ("/chaos?activation=os:system", "tanh"),
        ("/chaos?dt=0.001", "from 0.005 to 0.5"),
        ("/chaos?duration=1000", "from 10 to 400"),
        ("/chaos?kind=pink", "none, white, ou"),
        ("/chaos?gain=inf", "from 0 to 12"),
    ):
        with pytest.raises(InputError, match=words):
            view_of(address)


def test_an_uploaded_matrix_is_simulated():
    from noisette.app import uploads

    token = uploads.keep(b"0,2,-2\n2,0,2\n-2,2,0\n", "ring.csv")
    view = page.Chaos.read({"weights": token, "duration": "10", "on": "2", "off": "5", "dt": "0.1"})
    assert last("run", view).data.sizes["unit"] == 3
    assert "nz.weights.load('ring.csv')" in page.python(view)
    assert page.command(view).startswith("noisette explore")
    big = uploads.keep("\n".join([",".join(["0"] * 201)] * 201).encode(), "big.csv")
    with pytest.raises(InvalidView, match="201 units; at most 200"):
        page.Chaos.read({"weights": big})


@pytest.mark.slow
def test_long_runs_show_their_beginning_first_and_stop():
    view = page.Chaos(weights="gaussian:150", dt=0.005, duration=200.0, on=50.0, off=100.0)
    reports = []
    pieces = page.run(view, lambda done, total: reports.append(done / total))
    first = next(pieces)
    assert first.sentence.startswith("The first 25 τ")
    assert not first.complete

    def stop(done, total):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        next(page.run(view.but(seed=1), stop))
    np.testing.assert_allclose(first.data.trace[:1], last("run", view).data.trace[:1])
    assert reports[0] < 1


def texts(name, control):
    """Return values of a parameter; few durations and steps, so that programs are compiled a few times only."""
    few = {
        "weights": ["gaussian:12", "gaussian:12:5", "autapses:5:12", "normal:1:12", "symmetric:0.3:12"],
        "activation": ["tanh", "relu"],
        "dt": ["0.1", "0.5"],
        "duration": ["10", "40"],
    }
    if name in few:
        return st.sampled_from(few[name])
    if isinstance(control, Choice):
        return st.sampled_from([value for value, _ in control.options])
    assert isinstance(control, Number)
    if name in ("on", "off"):
        return st.integers(0, 50).map(str)
    return st.integers(0, 1000).map(str) if control.whole else st.floats(control.low, control.high).map(repr)


@pytest.mark.slow
@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(st.fixed_dictionaries({}, optional={n: texts(n, c) for n, c in page.Chaos.controls().items()}))
def test_random_views_answer_or_refuse_in_words(query):
    shared = {"weights": "gaussian:12", "duration": "40", "dt": "0.1"}
    times = {name: float(query.get(name, getattr(page.Chaos(), name))) for name in ("on", "off")}
    if times["off"] <= times["on"]:
        with pytest.raises(InvalidView, match="a time after the first one"):
            page.Chaos.read(shared | query)
        return
    view = page.Chaos.read(shared | query)
    known = answers(view)
    for part in page.PAGE.parts:
        assert set(known[part.name].figures) == {panel.name for panel in part.panels}
        assert len(known[part.name].sentence) > 20
        assert "nan" not in known[part.name].sentence
    assert joined(view, known).attrs["address"] == view.address()
    json.dumps([dict(answer.figures) for answer in known.values()], allow_nan=False)
    compile(page.python(view), "view", "exec")

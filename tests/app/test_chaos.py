"""The page about chaos shows the library's own numbers, or refuses a view in words."""

import json
import shlex
import subprocess
import sys

import jax
import numpy as np
import pytest

import noisette as nz
from noisette.app import downloads
from noisette.app.calculations import Calculations
from noisette.app.pages import _chaos_run as runs
from noisette.app.pages import chaos as page
from noisette.app.results import quiet
from noisette.app.views import InvalidView
from noisette.cli import main

# one size, step and duration, so that tests share compiled programs
SMALL = page.Chaos(weights="gaussian:20", gain=2.5, duration=60.0, on=20.0, off=40.0, dt=0.05)
CONSTANT = SMALL.but(base=0.0, gamma=0.0)
TERM_IN_NOISE = SMALL.but(base=1.0, gamma=1.0, kind="ou", strength=0.5, seed=3, transient=50.0)
STORIES = {story.title: story.view for story in page.PAGE.stories}


def last(part, view):
    """Return the most complete answer of a part."""
    produced = page.PAGE.part(part).compute(view, lambda done, total: None)
    return produced if not hasattr(produced, "__iter__") else [*produced][-1]


def phase(answer, number):
    """Return exponent, error and energies of a phase."""
    data = answer.data.isel(phase=number)
    return float(data.lyapunov), float(data.lyapunov_se), float(data.kinetic_energy), float(data.mean_kinetic_energy)


@pytest.fixture(autouse=True, scope="module")
def few_gains():
    """Compute the curve of mean-field theory at two gains only."""
    gains = runs.gains_of
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "gains_of", lambda view: gains(view)[[3, -1]])
        yield


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
    known = [float(nz.theory.mean_field(nz.activations.tanh, gain).lyapunov) for gain in line["x"]]
    assert line["x"] == [1.0, 4.0]
    assert line["y"] == known


@pytest.mark.slow
@pytest.mark.parametrize("view", [CONSTANT.but(kind="white"), TERM_IN_NOISE], ids=lambda view: view.noise_word)
def test_the_exponent_at_constant_gamma_is_that_of_a_chaos_curve(view):
    curve = nz.chaos_curve(
        nz.weights.ensemble("gaussian:20", seed=view.seed),
        [2.5],
        networks=1,
        gamma=view.gamma,
        dt=0.05,
        duration=60.0,
        discard=60.0 * view.transient / 100,
        noise=nz.noise.from_string(view.noise_word),
        key=view.seed,
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
    answer = last("step", SMALL.but(gain=12.0))
    network = nz.RateNetwork(nz.weights.from_string("gaussian:20", 0), 12.0)
    network = nz.Onsager(network, nz.Switch([20.0, 40.0], [0.0, 1.0, 0.0]))
    key = jax.random.fold_in(jax.random.key(0), 0)
    audit = nz.step_audit(network, 0.05, duration=60.0, runs=1, key=key)
    assert answer.data.attrs["verdict"] == audit.attrs["verdict"] == "unstable"
    probes = [nz.Trace(every=4), nz.Speed(every=4), nz.Lyapunov()]
    fine = nz.simulate(network, 2400, probes, dt=0.025, key=key, warn=False)
    np.testing.assert_array_equal(answer.data.speed_half, fine.speed[0])


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        {},
        {"base": 0.0, "gamma": 0.0, "kind": "white", "strength": 2.0},
        {"base": 1.0, "gamma": 1.0, "kind": "ou", "strength": 0.5, "seed": 3, "transient": 50.0},
        {"base": 0.0, "gamma": 0.0, "weights": "symmetric:0.3:20"},
    ],
)
def test_the_code_of_a_view_gives_its_numbers(change, capsys):
    view, names = SMALL.but(**change), {}
    exec(page.python(view), names)
    check_numbers(view, names["run"].speed.values[0].tolist(), capsys.readouterr().out)
    np.testing.assert_array_equal(names["starts"].distance, last("meeting", view).data.distance)


@pytest.mark.slow
def test_code_runs_in_a_fresh_process(tmp_path):
    view = CONSTANT.but(weights="symmetric:0.3:20")
    code = page.python(view) + "import json\nprint('NUMBERS', json.dumps(run.speed.values[0].tolist()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True)
    table, _, numbers = done.stdout.rpartition("NUMBERS ")
    check_numbers(view, json.loads(numbers), table)


def check_numbers(view, speed, table):
    """Compare the numbers of the code of a view, and those that it prints, with those of the page."""
    answer = last("run", view)
    assert speed == answer.data.speed.values.tolist()
    rows = [line.split() for line in table.splitlines() if line[0].isdigit()]
    assert len(rows) == answer.data.sizes["phase"]
    for number, row in enumerate(rows):
        assert [float(entry) for entry in row[3:]] == pytest.approx(phase(answer, number)[:3], rel=1e-12, nan_ok=True)
    theory = answer.data.get("mean_field_lyapunov")
    assert "mean field" not in table if theory is None else f"λ = {float(theory)}" in table


@pytest.mark.slow
def test_the_command_of_a_constant_gamma_gives_its_exponent(monkeypatch, capsys):
    command = page.command(TERM_IN_NOISE)
    assert command.startswith("noisette chaos ")
    monkeypatch.setattr(sys, "argv", shlex.split(command))
    with pytest.raises(SystemExit) as end:
        main()
    assert not end.value.code
    exponent, *_ = json.loads(capsys.readouterr().out)["lyapunov"]
    assert exponent == pytest.approx(phase(last("run", TERM_IN_NOISE), 0)[0], abs=1e-8)


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
        ({"gain": 1.5, "kind": "white", "strength": 2.0}, "Noise suppresses chaos: λ = −0."),
        ({"gain": 0.5, "kind": "white"}, "trajectories in the same noise converge"),
        (
            {"gain": 12.0, "base": 1.0, "gamma": 1.0},
            "This chaos is Euler's step: dt = 0.05 τ is longer than the bound",
        ),
        ({"gain": 2.0, "base": 1.0, "gamma": 1.0}, "Frozen: E_k/N falls from"),
    ],
)
def test_the_regime_is_put_in_words(change, words):
    assert words in last("run", CONSTANT.but(**change)).sentence


@pytest.mark.slow
def test_a_gradient_descent_whose_step_is_within_the_bound_is_not_called_chaotic():
    changes = {"gain": 12.0, "base": 1.0, "gamma": 1.0}
    long, short = (CONSTANT.but(**changes, dt=dt) for dt in (0.05, 0.005))
    exponents = [phase(last("run", view), 0)[0] for view in (long, short)]
    numbers = [max(2 * view.dt / last("run", view).data.bound.values) for view in (long, short)]
    assert exponents[0] > 0.5 > 0.02 > exponents[1]
    assert numbers[0] > 2 > numbers[1]
    assert "Euler's step" not in last("run", short).sentence


@pytest.mark.slow
def test_theory_is_shown_only_for_weights_that_it_describes():
    answer = last("run", CONSTANT.but(weights="autapses:1:20"))
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
    assert any(last("run", view.but(seed=seed)).sentence.startswith("Chaotic: λ = 0.") for seed in (2, 3, 4, 5))


# a matrix of the user's own


def test_an_uploaded_matrix_is_simulated():
    from noisette.app import uploads

    ring = np.roll(np.eye(20), 1, 1) - np.roll(np.eye(20), -1, 1)
    token = uploads.keep("\n".join(",".join(map(str, row)) for row in ring).encode(), "ring.csv")
    view = CONSTANT.but(weights=token)
    rates = last("run", view).data.eigenvalues.values[0]
    known = nz.analysis.spectrum(nz.RateNetwork(ring, 2.5), runs.run_of(view, quiet).final[0])
    np.testing.assert_allclose(rates[:, 0] + 1j * rates[:, 1], known, atol=1e-12)
    assert "nz.weights.load('ring.csv')" in page.python(view)
    assert page.command(view).startswith("noisette explore")
    big = uploads.keep("\n".join([",".join(["0"] * 201)] * 201).encode(), "big.csv")
    with pytest.raises(InvalidView, match="201 units; at most 200"):
        page.Chaos.read({"weights": big})

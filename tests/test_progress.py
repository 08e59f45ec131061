"""Progress of calls from Python: quiet by default, on request as a bar, or reported to a function."""

import inspect
import io
import sys
import types

import numpy as np
import pytest

import noisette as nz
from noisette import progress as module
from noisette import tasks, training
from noisette.errors import InputError
from noisette.networks import TaskNetwork
from noisette.progress import Progress, reporting
from noisette.studies import Study

W = np.array([[0.0, 0.8], [0.4, 0.0]])
RATE = nz.RateNetwork(W, noise=nz.White(0.1))
BINARY = nz.Boltzmann(nz.weights.autapses(10))
TIME = {"duration": 2.0, "dt": 0.01, "key": 0}
TASK = tasks.DMS(fixation=10, stimulus=10, delay=10, gap=5, response=20)
TRAINED = TaskNetwork.random(4, channels=2, key=0)


def train(progress):
    protocol = training.Protocol(max_trials=4, test_every=2, test_trials=2)
    draw = training.initial_networks(tasks.AFC(), 5)
    return training.train(tasks.AFC(), 1, draw=draw, protocol=protocol, progress=progress)


CALLS = {
    "simulate": lambda progress: nz.simulate(RATE, progress=progress, **TIME),
    "resonance": lambda progress: nz.resonance(BINARY, np.arange(40.0), 50, progress=progress),
    "sampled resonance": lambda progress: nz.resonance(
        BINARY, [1.0, 2.0], 20, estimator="single-run", runs=2, progress=progress
    ),
    "stationary": lambda progress: nz.resonance(BINARY, [1.0, 2.0], estimator="stationary", progress=progress),
    "noise_effect": lambda progress: nz.noise_effect(BINARY, [0.0, 4.0, 50.0], progress=progress),
    "optimal_noise": lambda progress: nz.optimal_noise(BINARY, progress=progress),
    "correlations": lambda progress: nz.correlations(
        nz.activations.tanh, 0.5, nz.Frozen(1.0), 10, simulate=True, networks=3, draws=5, progress=progress
    ),
    "chaos_curve": lambda progress: nz.chaos_curve([W], [0.5, 1.0], duration=2, discard=1, progress=progress),
    "lyapunov_spectrum": lambda progress: nz.lyapunov_spectrum(RATE, 1, discard=1.0, progress=progress, **TIME),
    "slow_points": lambda progress: nz.analysis.slow_points(
        RATE.with_noise(None), np.zeros((2, 2)), duration=1, progress=progress
    ),
    "mean_field": lambda progress: nz.theory.mean_field(nz.activations.tanh, [0.5, 0.6], progress=progress),
    "theory.correlations": lambda progress: nz.theory.correlations(
        nz.activations.erf, [0.5, 0.6], nz.Frozen(0.5), progress=progress
    ),
    "attractors": lambda progress: nz.attractors(BINARY, progress=progress),
    "simulated_switching": lambda progress: nz.simulated_switching(BINARY, 7.0, 5, runs=20, progress=progress),
    "find_fixed_points": lambda progress: nz.find_fixed_points(
        RATE.with_noise(nz.Frozen(0.1)), 3, key=0, progress=progress
    ),
    "step_audit": lambda progress: nz.step_audit(RATE, 0.1, duration=5, key=0, progress=progress),
    "run_trials": lambda progress: training.run_trials(TRAINED, TASK, 120, key=0, progress=progress),
    "test": lambda progress: training.test(TRAINED, TASK, trials=2, key=0, progress=progress),
    "perturb": lambda progress: nz.analysis.perturb(TRAINED, TASK, np.eye(4)[:2], trials=2, key=0, progress=progress),
    "delay_state": lambda progress: nz.analysis.delay_state(TRAINED, TASK, trials=2, key=0, progress=progress),
    "stochastic_resonance": lambda progress: nz.analysis.stochastic_resonance(
        RATE, nz.analysis.Sinusoid(0.1, 1.0), [0.1, 0.2], runs=3, dt=0.05, progress=progress
    ),
    "coherence_resonance": lambda progress: nz.analysis.coherence_resonance(
        RATE, [0.1, 0.2], 5.0, runs=2, dt=0.1, progress=progress
    ),
    "Study.run": lambda progress: Study("squares", lambda x: x**2, {"x": [1, 2, 3]}).run(progress),
}


SLOW = ("chaos_curve", "correlations", "lyapunov_spectrum", "noise_effect", "optimal_noise")
SLOW += ("delay_state", "find_fixed_points", "perturb", "run_trials", "step_audit", "test")
NAMES = [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in CALLS]


class Screen(io.StringIO):
    """A terminal that keeps what is written to it."""

    def isatty(self):
        return True


@pytest.fixture
def screen(monkeypatch):
    """Return a function that opens a terminal, on which bars are drawn from the first report on.

    It is called within a test, since pytest replaces standard error between fixtures and tests.
    """
    monkeypatch.setattr(module, "PYTHON_PATIENCE", 0.0)
    monkeypatch.setenv("TERM", "xterm")

    def opened():
        terminal = Screen()
        monkeypatch.setattr(sys, "stderr", terminal)
        return terminal

    yield opened
    nz.show_progress(False)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_functions_are_called_and_reach_the_end(name):
    reports = []
    CALLS[name](lambda done, total: reports.append((done, total)))
    assert reports
    assert all(0 <= done <= total for done, total in reports)
    if name != "optimal_noise":  # the search ends when it has converged
        assert reports[-1][0] == reports[-1][1] or name == "noise_effect"


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_bars_are_drawn_on_request_only(name, screen):
    terminal = screen()
    CALLS[name](None)
    CALLS[name](False)
    assert terminal.getvalue() == ""
    CALLS[name](True)
    assert "%" in terminal.getvalue()


@pytest.mark.slow
def test_the_switch_shows_one_bar_for_each_call(screen):
    terminal = screen()
    nz.show_progress()
    nz.lyapunov_spectrum(RATE, 1, discard=1.0, **TIME)
    text = terminal.getvalue()
    assert "lyapunov_spectrum" in text
    assert "simulate" not in text
    nz.simulate(RATE, progress=False, **TIME)
    assert terminal.getvalue() == text
    nz.show_progress(False)
    nz.simulate(RATE, **TIME)
    assert terminal.getvalue() == text


@pytest.mark.slow
def test_training_reports_trials():
    reports = []
    train(lambda done, total: reports.append((done, total)))
    assert [done for done, _ in reports] == [0, 2]  # at the beginning and after the first test
    assert reports[-1][1] == 4


def test_bars_are_removed_after_errors_and_interruptions(screen):
    terminal = screen()

    def fail(error):
        with reporting(True, "work") as callback:
            callback(1, 3)
            raise error

    for error in (RuntimeError, KeyboardInterrupt):
        with pytest.raises(error):
            fail(error)
        assert terminal.getvalue().endswith("\x1b[2K")  # the line is cleared
    nz.show_progress()
    with reporting(None, "next") as callback:  # the interrupted calls have ended
        assert isinstance(callback, Progress)


def test_notebooks_show_a_line_that_is_overwritten(monkeypatch):
    shell = types.SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    output = io.StringIO()
    monkeypatch.setattr(sys, "stderr", output)
    monkeypatch.setattr(module, "REFRESH", 0.0)
    with Progress("work", patience=0.0) as bar:
        bar(1, 4)
        bar(4, 4)
    lines = output.getvalue().split("\r")
    assert "work" in lines[1]
    assert "25 %" in lines[1]
    assert "100 %" in lines[2]
    assert lines[-2].strip() == lines[-1] == ""  # removed at the end


@pytest.mark.parametrize("progress", [5, "yes", 1.0])
def test_other_values_are_refused(progress):
    with pytest.raises(InputError, match=r"True or False"):
        nz.simulate(RATE, progress=progress, **TIME)
    with pytest.raises(InputError, match=r"True or False"):
        inspect.unwrap(nz.show_progress)(progress)


def test_results_do_not_depend_on_progress(screen):
    screen()
    assert nz.simulate(RATE, progress=True, **TIME).identical(nz.simulate(RATE, **TIME))


@pytest.mark.slow
def test_results_of_trials_do_not_depend_on_progress(screen):
    screen()
    trials = {"trials": 70, "key": 0, "units": True}  # in two blocks with progress, in one without
    with_progress = training.run_trials(TRAINED, TASK, progress=True, **trials)
    assert with_progress.identical(training.run_trials(TRAINED, TASK, **trials))

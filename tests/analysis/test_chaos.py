import jax
import numpy as np
import pytest
import scipy.linalg

import noisette as nz
from noisette.analysis import chaos_curve, jacobian, step_audit
from noisette.errors import InputError
from noisette.studies import load, save

KEY = jax.random.key(0)
SIZE = 30
DRAW = nz.weights.ensemble(f"gaussian:{SIZE}")
SHORT = {"dt": 0.05, "duration": 10, "discard": 2}
HUNDRED = nz.weights.ensemble("gaussian:100")(0)


# the curve over the gain


@pytest.fixture(scope="module")
def curve():
    """Return three gains of two networks, plain."""
    return chaos_curve(DRAW, [0.5, 1.0, 2.0], networks=2, **SHORT)


def test_gains_side_by_side_are_those_one_at_a_time(curve):
    for i, gain in enumerate((0.5, 1.0, 2.0)):
        alone = chaos_curve(DRAW, [gain], networks=2, **SHORT)
        for name in ("lyapunov", "kinetic_energy", "stability"):
            assert alone[name].values[0] == pytest.approx(curve[name].values[i], rel=1e-9), name


def test_weights_are_matrices_or_a_function(curve):
    listed = chaos_curve([DRAW(0), DRAW(1)], [0.5, 1.0, 2.0], **SHORT)
    np.testing.assert_array_equal(listed.lyapunov, curve.lyapunov)
    first = chaos_curve(DRAW, [0.5, 1.0, 2.0], networks=1, **SHORT)
    np.testing.assert_array_equal(first.lyapunov[:, 0], curve.lyapunov[:, 0])  # whatever comes after


def test_what_the_curve_says(curve, tmp_path):
    assert curve.lyapunov.dims == ("gain", "network", "exponent")
    assert curve.gain.values.tolist() == [0.5, 1.0, 2.0]
    assert (curve.audit == "ok").all()
    assert (curve.dt == 0.05).all()
    assert (np.diff(curve.lyapunov.mean("network")[:, 0]) > 0).all()
    assert (curve.attrs["method"], curve.attrs["estimator"], curve.attrs["seed"]) == ("simulated", "single-run", 0)
    back = load(save(curve, tmp_path / "curve.nc"))
    assert back.audit.values.tolist() == curve.audit.values.tolist()


def test_seeds_and_starts_matter(curve):
    gains = [0.5, 1.0, 2.0]
    again = chaos_curve(DRAW, gains, networks=2, **SHORT)
    other = chaos_curve(DRAW, gains, networks=2, key=1, **SHORT)
    elsewhere = chaos_curve(DRAW, gains, networks=2, start="uniform", **SHORT)
    np.testing.assert_array_equal(again.lyapunov, curve.lyapunov)
    assert (other.lyapunov != curve.lyapunov).all()
    assert (elsewhere.lyapunov != curve.lyapunov).all()
    same = chaos_curve([DRAW(0), DRAW(0)], gains, **SHORT)
    assert (same.lyapunov[:, 0] != same.lyapunov[:, 1]).all()  # every network has a start of its own


@pytest.mark.parametrize("gamma", [0.5, 1.0])
def test_the_energy_is_that_of_the_plain_network(gamma):
    """A linear unit: f = −a x, so that x decays at (1 − γ) a + γ a², and E_k = a² x²/2, whatever γ."""
    linear = {"activation": nz.activations.linear, "start": 1.0}
    found = chaos_curve([np.diag([0.5])], [1.0], gamma=gamma, **SHORT, **linear)
    rate = (1 - gamma) * 0.5 + gamma * 0.25
    last = (1 - 0.05 * rate) ** 199  # the state before the last step
    assert found.kinetic_energy.item() == pytest.approx(0.25 * last**2 / 2, rel=1e-9)
    assert found.lyapunov.item() == pytest.approx(np.log(1 - 0.05 * rate) / 0.05, rel=1e-9)
    assert found.stability.item() == pytest.approx(0.05 * rate, rel=1e-6)
    assert found.rising.item() == 0


def test_the_largest_exponent_approaches_theory_from_below():
    """Runge–Kutta of N = 250 found .053 and .511 at g = 2 and 8; four networks of each, 4 standard errors."""
    found = chaos_curve(nz.weights.ensemble("gaussian:250"), [2, 8], networks=4, dt=0.1, duration=100, discard=20)
    exponents = found.lyapunov.values[:, :, 0]
    mean, error = exponents.mean(1), exponents.std(1, ddof=1) / 2
    euler = 0.1 * mean**2  # a step of .1 takes λ to ln(1 + .1 λ)/.1, and its like
    assert (np.abs(mean - [0.053, 0.511]) < 4 * np.sqrt(2) * error + euler).all()
    theory = nz.theory.mean_field(nz.activations.tanh, [2, 8]).lyapunov.values
    assert (mean < theory + 2 * error).all()


def test_several_exponents_begin_with_the_largest():
    found = chaos_curve([np.diag([0.9, 0.5, -0.5])], [0.5, 1.0], exponents=3, dt=0.1, duration=60, discard=30)
    assert found.lyapunov.shape == (2, 1, 3)
    modes = np.outer([0.5, 1.0], [0.9, 0.5, -0.5]) - 1
    assert found.lyapunov.values[:, 0] == pytest.approx(np.log(1 + 0.1 * modes) / 0.1, abs=0.01)


# the audit


@pytest.mark.parametrize(("gain", "verdict", "rising"), [(2.0, "ok", 0.0), (12.0, "unstable", 0.5)])
def test_the_step_of_a_gradient_flow_is_audited(gain, verdict, rising):
    """Sharpness 3.26 g² on the way down: 13 at g = 2, 470 at 12, where 2/dt is 200 and the sharpness about that."""
    found = chaos_curve([HUNDRED], [gain], gamma=1.0, dt=0.01, duration=20, discard=10)
    assert found.audit.item() == verdict
    assert (found.stability.item() > 2) == (verdict == "unstable")
    assert found.rising.item() == pytest.approx(rising, abs=0.05)
    assert (found.lyapunov.item() > 0.1) == (verdict == "unstable")
    assert ("warning" in found.attrs) == (verdict == "unstable")


def test_noise_lifts_the_energy_which_is_no_fault_of_the_step():
    found = chaos_curve([DRAW(0)], [2.0], gamma=1.0, noise=nz.White(0.5), **SHORT)
    assert found.rising.item() > 0.3
    assert found.audit.item() == "ok"


def test_a_network_that_becomes_infinite_is_a_verdict():
    found = chaos_curve(
        [np.ones((2, 2))], [0.1, 9.0], activation=nz.activations.relu, start=1.0, dt=0.1, duration=100, discard=0
    )
    assert found.audit.values[:, 0].tolist() == ["ok", "diverged"]
    assert np.isfinite(found.lyapunov.values[0]).all()


def test_automatic_steps_are_round_and_stable():
    gains = [12.0, 0.5, 2.0, 6.0]  # in no order
    found = chaos_curve([HUNDRED], gains, gamma=1.0, dt="auto", duration=4, discard=1)
    assert found.gain.values.tolist() == gains
    assert (found.audit == "ok").all()
    assert (found.stability < 2).all()
    for gain, dt in zip(gains, found.dt.values[:, 0], strict=True):
        hessian = -np.asarray(jacobian(nz.Onsager(nz.RateNetwork(HUNDRED, gain)), np.zeros(100)))
        fastest = scipy.linalg.eigvalsh(hessian)[-1]
        assert dt * fastest < 1.01  # half of the bound; the rate is found by iteration
        assert dt == 0.05 or dt * fastest > 0.3  # and not shorter than it need be
        assert round(dt / 10.0 ** np.floor(np.log10(dt) + 1e-9), 9) in (1, 2, 5)
    chosen = float(found.dt[0, 0])
    alone = chaos_curve([HUNDRED], [12.0], gamma=1.0, dt=chosen, duration=4, discard=1)
    assert float(found.lyapunov[0, 0, 0]) == pytest.approx(float(alone.lyapunov[0, 0, 0]), rel=1e-6)


def test_progress_rises_to_the_end():
    said: list[tuple[int, int]] = []
    chaos_curve(
        [HUNDRED, HUNDRED],
        [12.0, 0.5, 2.0, 6.0],
        gamma=1.0,
        dt="auto",
        duration=4,
        discard=1,
        progress=lambda *now: said.append(now),
    )
    shares = np.array([done / total for done, total in said])
    assert len(said) >= 8
    assert (np.diff(shares) > 0).all()
    assert shares[0] > 0
    assert shares[-1] == 1


@pytest.mark.parametrize(
    ("weights", "gains", "more", "message"),
    [
        ([], [1.0], {}, "0 networks"),
        (DRAW, [1.0], {}, "None networks"),
        (DRAW, [1.0], {"networks": 0}, "0 networks"),
        ([DRAW(0)], [], {}, "gains"),
        ([DRAW(0)], [np.nan], {}, "gains"),
        ([DRAW(0)], np.ones((1, 1)), {}, "gains"),
        ([DRAW(0)], [1.0], {"discard": 10}, "discard 10 of a duration 10"),
        ([DRAW(0)], [1.0], {"discard": 9.9}, "at least 10 steps"),
        ([DRAW(0)], [1.0], {"exponents": SIZE + 1}, "31 exponents"),
        ([DRAW(0)], [1.0], {"dt": -0.1}, "dt -0.1"),
        ([DRAW(0)], [1.0], {"dt": 0.0}, "dt 0.0"),
        ([DRAW(0)], [1.0], {"dt": 0.3}, "whole number of steps"),
        ([DRAW(0)], [1.0], {"start": "zero"}, "normal or uniform"),
        ([np.ones((2, 3))], [1.0], {}, r"\(2, 3\)"),
    ],
)
def test_bad_input_is_named(weights, gains, more, message):
    with pytest.raises(InputError, match=message):
        chaos_curve(weights, gains, **{**SHORT, **more})


@pytest.mark.parametrize(("gain", "verdict", "suggested"), [(2.0, "ok", 0.05), (12.0, "unstable", 0.001)])
def test_an_audit_compares_with_half_the_step(gain, verdict, suggested):
    """At rest the sharpness is 19 at g = 2 and 570 at g = 12: round steps at half of the bound are .05 and .001."""
    network = nz.Onsager(nz.RateNetwork(HUNDRED, gain))
    found = step_audit(network, 0.01, duration=20, key=KEY)
    assert found.lyapunov.dims == ("dt",)
    assert found.dt.values.tolist() == [0.01, 0.005]
    assert found.attrs["verdict"] == verdict
    assert ("warning" in found.attrs) == (verdict != "ok")
    assert (float(found.stability[0]) > 2) == (verdict == "unstable")
    np.testing.assert_allclose(found.stability, found.sharpness * found.dt)
    assert found.attrs["suggested_dt"] == suggested
    if verdict == "ok":
        assert float(found.lyapunov[1]) == pytest.approx(float(found.lyapunov[0]), abs=0.01)
        assert (found.rising == 0).all()
    else:
        assert float(found.lyapunov[0]) > float(found.lyapunov[1]) + 0.1
        assert float(found.rising[0]) > 0.4


def test_an_audit_of_what_became_infinite_is_not_ok():
    fast = nz.RateNetwork(np.zeros((SIZE, SIZE)), tau=0.01)
    found = step_audit(fast, 0.05, duration=50, key=KEY)
    assert found.attrs["verdict"] == "diverged"
    assert found.attrs["suggested_dt"] == 0.0005
    assert "infinite" in found.attrs["warning"]
    assert step_audit(fast, 0.0005, duration=0.5, key=KEY).attrs["verdict"] == "ok"


def test_an_audit_does_not_expect_plain_networks_to_lose_energy():
    found = step_audit(nz.RateNetwork(DRAW(0), 4.0), 0.05, duration=20, key=KEY)
    assert float(found.rising[0]) > 0.1
    assert found.attrs["verdict"] == "ok"

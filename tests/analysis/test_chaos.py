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
    """Return the curve of two networks without reaction term at three gains."""
    return chaos_curve(DRAW, [0.5, 1.0, 2.0], networks=2, **SHORT)


@pytest.mark.slow
def test_batched_gains_equal_single_gains(curve):
    for i, gain in enumerate((0.5, 1.0, 2.0)):
        alone = chaos_curve(DRAW, [gain], networks=2, **SHORT)
        for name in ("lyapunov", "kinetic_energy", "stability"):
            assert alone[name].values[0] == pytest.approx(curve[name].values[i], rel=1e-9), name


@pytest.mark.slow
def test_weights_are_matrices_or_a_function(curve):
    listed = chaos_curve([DRAW(0), DRAW(1)], [0.5, 1.0, 2.0], **SHORT)
    np.testing.assert_array_equal(listed.lyapunov, curve.lyapunov)
    first = chaos_curve(DRAW, [0.5, 1.0, 2.0], networks=1, **SHORT)
    np.testing.assert_array_equal(first.lyapunov[:, 0], curve.lyapunov[:, 0])  # whatever gains follow


def test_variables_of_the_curve(curve, tmp_path):
    assert curve.lyapunov.dims == ("gain", "network", "exponent")
    assert curve.gain.values.tolist() == [0.5, 1.0, 2.0]
    assert (curve.audit == "ok").all()
    assert (curve.dt == 0.05).all()
    assert (np.diff(curve.lyapunov.mean("network")[:, 0]) > 0).all()
    assert (curve.attrs["method"], curve.attrs["estimator"], curve.attrs["seed"]) == ("simulated", "single-run", 0)
    back = load(save(curve, tmp_path / "curve.nc"))
    assert back.audit.values.tolist() == curve.audit.values.tolist()


@pytest.mark.slow
def test_results_depend_on_seeds_and_starts(curve):
    gains = [0.5, 1.0, 2.0]
    again = chaos_curve(DRAW, gains, networks=2, **SHORT)
    other = chaos_curve(DRAW, gains, networks=2, key=1, **SHORT)
    elsewhere = chaos_curve(DRAW, gains, networks=2, start="uniform", **SHORT)
    np.testing.assert_array_equal(again.lyapunov, curve.lyapunov)
    assert (other.lyapunov != curve.lyapunov).all()
    assert (elsewhere.lyapunov != curve.lyapunov).all()
    same = chaos_curve([DRAW(0), DRAW(0)], gains, **SHORT)
    assert (same.lyapunov[:, 0] != same.lyapunov[:, 1]).all()  # every network has its own initial state


@pytest.mark.slow
@pytest.mark.parametrize("gamma", [0.5, 1.0])
def test_the_energy_is_that_of_the_plain_network(gamma):
    """A linear unit: f = −a x, so that x decays at (1 − γ) a + γ a², and E_k = a² x²/2 for any γ."""
    linear = {"activation": nz.activations.linear, "start": 1.0}
    result = chaos_curve([np.diag([0.5])], [1.0], gamma=gamma, **SHORT, **linear)
    rate = (1 - gamma) * 0.5 + gamma * 0.25
    last = (1 - 0.05 * rate) ** 199  # the state before the last step
    assert result.kinetic_energy.item() == pytest.approx(0.25 * last**2 / 2, rel=1e-9)
    assert result.lyapunov.item() == pytest.approx(np.log(1 - 0.05 * rate) / 0.05, rel=1e-9)
    assert result.stability.item() == pytest.approx(0.05 * rate, rel=1e-6)
    assert result.rising.item() == 0


@pytest.mark.slow
def test_the_largest_exponent_approaches_theory_from_below():
    """Runge–Kutta of N = 250 found .053 and .511 at g = 2 and 8; four networks of each, 4 standard errors."""
    result = chaos_curve(nz.weights.ensemble("gaussian:250"), [2, 8], networks=4, dt=0.1, duration=100, discard=20)
    exponents = result.lyapunov.values[:, :, 0]
    mean, error = exponents.mean(1), exponents.std(1, ddof=1) / 2
    euler = 0.1 * mean**2  # a step of .1 changes λ to about ln(1 + .1 λ)/.1
    assert (np.abs(mean - [0.053, 0.511]) < 4 * np.sqrt(2) * error + euler).all()
    theory = nz.theory.mean_field(nz.activations.tanh, [2, 8]).lyapunov.values
    assert (mean < theory + 2 * error).all()


@pytest.mark.slow
def test_several_exponents_begin_with_the_largest():
    result = chaos_curve([np.diag([0.9, 0.5, -0.5])], [0.5, 1.0], exponents=3, dt=0.1, duration=60, discard=30)
    assert result.lyapunov.shape == (2, 1, 3)
    modes = np.outer([0.5, 1.0], [0.9, 0.5, -0.5]) - 1
    assert result.lyapunov.values[:, 0] == pytest.approx(np.log(1 + 0.1 * modes) / 0.1, abs=0.01)


# the audit


@pytest.mark.slow
@pytest.mark.parametrize(("gain", "verdict", "rising"), [(2.0, "ok", 0.0), (12.0, "unstable", 0.5)])
def test_the_step_of_a_gradient_flow_is_audited(gain, verdict, rising):
    """The sharpness is 3.26 g² during the descent: 13 at g = 2 and 470 at 12, where Euler keeps it near 2/dt = 200."""
    result = chaos_curve([HUNDRED], [gain], gamma=1.0, dt=0.01, duration=20, discard=10)
    assert result.audit.item() == verdict
    assert (result.stability.item() > 2) == (verdict == "unstable")
    assert result.rising.item() == pytest.approx(rising, abs=0.05)
    assert (result.lyapunov.item() > 0.1) == (verdict == "unstable")
    assert ("warning" in result.attrs) == (verdict == "unstable")


@pytest.mark.slow
def test_an_energy_raised_by_noise_is_not_attributed_to_the_step():
    result = chaos_curve([DRAW(0)], [2.0], gamma=1.0, noise=nz.White(0.5), **SHORT)
    assert result.rising.item() > 0.3
    assert result.audit.item() == "ok"


@pytest.mark.slow
def test_a_network_that_diverges_has_a_verdict():
    result = chaos_curve(
        [np.ones((2, 2))], [0.1, 9.0], activation=nz.activations.relu, start=1.0, dt=0.1, duration=100, discard=0
    )
    assert result.audit.values[:, 0].tolist() == ["ok", "diverged"]
    assert np.isfinite(result.lyapunov.values[0]).all()


@pytest.mark.slow
def test_automatic_steps_are_round_numbers_and_stable():
    gains = [12.0, 0.5, 2.0, 6.0]  # in arbitrary order
    result = chaos_curve([HUNDRED], gains, gamma=1.0, dt="auto", duration=4, discard=1)
    assert result.gain.values.tolist() == gains
    assert (result.audit == "ok").all()
    assert (result.stability < 2).all()
    for gain, dt in zip(gains, result.dt.values[:, 0], strict=True):
        hessian = -np.asarray(jacobian(nz.Onsager(nz.RateNetwork(HUNDRED, gain)), np.zeros(100)))
        fastest = scipy.linalg.eigvalsh(hessian)[-1]
        assert dt * fastest < 1.01  # half of the bound; the rate is found by iteration
        assert dt == 0.05 or dt * fastest > 0.3  # not shorter than necessary
        assert round(dt / 10.0 ** np.floor(np.log10(dt) + 1e-9), 9) in (1, 2, 5)
    chosen = float(result.dt[0, 0])
    alone = chaos_curve([HUNDRED], [12.0], gamma=1.0, dt=chosen, duration=4, discard=1)
    assert float(result.lyapunov[0, 0, 0]) == pytest.approx(float(alone.lyapunov[0, 0, 0]), rel=1e-6)


@pytest.mark.slow
def test_progress_increases_to_the_end():
    calls: list[tuple[int, int]] = []
    chaos_curve(
        [HUNDRED, HUNDRED],
        [12.0, 0.5, 2.0, 6.0],
        gamma=1.0,
        dt="auto",
        duration=4,
        discard=1,
        progress=lambda *now: calls.append(now),
    )
    shares = np.array([done / total for done, total in calls])
    assert len(calls) >= 8
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
        ([DRAW(0)], [1.0], {"dt": 0.0}, "dt 0;"),
        ([DRAW(0)], [1.0], {"dt": 0.3}, "whole number of steps"),
        ([DRAW(0)], [1.0], {"start": "zero"}, "normal or uniform"),
        ([np.ones((2, 3))], [1.0], {}, r"\(2, 3\)"),
    ],
)
def test_invalid_input_is_refused(weights, gains, more, message):
    with pytest.raises(InputError, match=message):
        chaos_curve(weights, gains, **{**SHORT, **more})


@pytest.mark.slow
@pytest.mark.parametrize(("gain", "verdict", "suggested"), [(2.0, "ok", 0.05), (12.0, "unstable", 0.001)])
def test_an_audit_compares_with_half_the_step(gain, verdict, suggested):
    """At rest the sharpness is 19 at g = 2 and 570 at g = 12: round steps at half of the bound are .05 and .001."""
    network = nz.Onsager(nz.RateNetwork(HUNDRED, gain))
    result = step_audit(network, 0.01, duration=20, key=KEY)
    assert result.lyapunov.dims == ("dt",)
    assert result.dt.values.tolist() == [0.01, 0.005]
    assert result.attrs["verdict"] == verdict
    assert ("warning" in result.attrs) == (verdict != "ok")
    assert (float(result.stability[0]) > 2) == (verdict == "unstable")
    np.testing.assert_allclose(result.stability, result.stiffness * result.dt)
    assert result.attrs["suggested_dt"] == suggested
    if verdict == "ok":
        assert float(result.lyapunov[1]) == pytest.approx(float(result.lyapunov[0]), abs=0.01)
        assert (result.rising == 0).all()
    else:
        assert float(result.lyapunov[0]) > float(result.lyapunov[1]) + 0.1
        assert float(result.rising[0]) > 0.4


@pytest.mark.slow
def test_the_audit_of_a_diverged_network_is_not_ok():
    fast = nz.RateNetwork(np.zeros((SIZE, SIZE)), tau=0.01)
    result = step_audit(fast, 0.05, duration=50, key=KEY)
    assert result.attrs["verdict"] == "diverged"
    assert result.attrs["suggested_dt"] == 0.0005
    assert "infinite" in result.attrs["warning"]
    assert step_audit(fast, 0.0005, duration=0.5, key=KEY).attrs["verdict"] == "ok"


@pytest.mark.slow
def test_an_audit_does_not_expect_plain_networks_to_lose_energy():
    result = step_audit(nz.RateNetwork(DRAW(0), 4.0), 0.05, duration=20, key=KEY)
    assert float(result.rising[0]) > 0.1
    assert result.attrs["verdict"] == "ok"

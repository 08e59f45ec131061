import jax
import jax.numpy as jnp
import numpy as np
import pytest

import noisette as nz
from noisette.errors import InputError
from noisette.noise import Sum

KINDS = {
    "white": nz.White(2.0),
    "each": nz.White([0.0, 1.0, 3.0]),
    "common": nz.Common([1.0, 0.0, 2.0]),
    "sum": nz.White(1.0) + nz.Common(2.0),
    "gated": nz.Gated(nz.White(2.0), 0, 5),
    "pulse": nz.Pulse(3.0, duration=4),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_samples_follow_the_stated_law(name):
    # 20000 samples: covariances within 5 standard errors, √2 σ²/√20000; false alarms below 1e-5
    noise = KINDS[name]
    keys = jax.random.split(jax.random.key(0), 20_000)
    state = noise.init(3, key=keys[0])
    drawn = np.asarray(jax.vmap(lambda k: noise.sample(state, jnp.asarray(2), 3, key=k)[0])(keys))
    independent, factors = noise.step_law(3, 2)
    expected = np.diag(np.asarray(independent) ** 2) + np.asarray(factors).T @ np.asarray(factors)
    scale = expected.max()
    assert np.abs(np.cov(drawn.T) - expected).max() < 5 * np.sqrt(2) * scale / np.sqrt(20_000)
    assert np.abs(drawn.mean(0)).max() < 5 * np.sqrt(scale / 20_000)


def test_scaling_scales_the_law():
    for noise in KINDS.values():
        once, twice = noise.step_law(3, 1), (2 * noise).step_law(3, 1)
        assert np.asarray(twice[0]) == pytest.approx(2 * np.asarray(once[0]))
        assert np.asarray(twice[1]) == pytest.approx(2 * np.asarray(once[1]))


def test_a_gate_is_open_from_its_start_until_before_its_stop():
    gated = nz.Gated(nz.White(3.0) + nz.Common(1.0), 10, 12)
    sums = [float(gated.step_law(1, t)[0][0] + gated.step_law(1, t)[1][0, 0]) for t in (9, 10, 11, 12)]
    assert sums == [0, 4, 4, 0]
    pulse = nz.Pulse(7.0, start=2, duration=3)
    assert [float(pulse.step_law(1, t)[0][0]) for t in range(6)] == [0, 0, 7, 7, 7, 0]
    shared = nz.Pulse(2.0, noise=nz.Common(3.0))
    assert float(shared.step_law(1, 0)[1][0, 0]) == 6


def test_sums_nest():
    total = (nz.White(3.0) + nz.White(4.0)) + (nz.Common(1.0) + nz.Common(2.0))
    independent, factors = total.step_law(2, 0)
    assert isinstance(total, Sum)
    assert independent.tolist() == [5, 5]
    assert factors.tolist() == [[1, 1], [2, 2]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nz.White(-1.0), "noise strength -1; .*zero or positive"),
        (lambda: nz.White(np.nan), "noise strength nan"),
        (lambda: nz.White([1.0, -2.0]), "noise strength -2"),
        (lambda: nz.White([[1.0]]), r"noise strength of shape \(1, 1\)"),
        (lambda: nz.Common(-3), "common noise strength -3"),
        (lambda: nz.Pulse(-1.0), "pulse strength -1"),
        (lambda: nz.Pulse(1.0, duration=0), "at least one step, or a time above zero"),
        (lambda: nz.White(1.0) * -2.0, "noise strength -2"),
        (lambda: nz.White([1.0, 2.0]).step_law(3, 0), "the network has 3 units"),
    ],
)
def test_invalid_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()

import jax
import numpy as np
import pytest
import xarray as xr

from noisette.analysis import disturbance, perturb, pipr
from noisette.errors import InputError
from noisette.networks import TaskNetwork
from noisette.tasks import DMS
from noisette.training import run_perturbed_trials

TASK = DMS(inputs=1)
KEY = jax.random.key(2)
TAU = 20.0
# unconnected units that all rest at x = 0: the output is 2 σ(0) − 0.1 > 0 for any input
CONSTANT = TaskNetwork(
    np.zeros((3, 3)), np.ones(3), np.zeros(3), np.zeros((3, 1)), [[2.0, 0.0, 0.0]], readout_bias=-0.1,
    tau_range=(TAU - 1, TAU + 1),
)  # fmt: skip


def test_the_form_of_a_disturbance_by_hand():
    units = np.array([True, False, True])
    current = disturbance(CONSTANT, TASK, units, 3.0, window=(10, 12))
    assert current.shape == (299, 3)
    expected = np.zeros((299, 3))
    expected[10:12] = [3.0, 0.0, 3.0]
    np.testing.assert_array_equal(current, expected)
    push = disturbance(CONSTANT, TASK, units, 3.0, form="state", window=(10, 12))
    assert np.flatnonzero(push.any(1)).tolist() == [10]
    np.testing.assert_allclose(push[10], 3.0 * TAU / 5.0 * units)
    whole = disturbance(CONSTANT, TASK, units, -1.0)
    assert np.flatnonzero(whole.any(1)).tolist() == list(range(210, 299))


@pytest.mark.slow
@pytest.mark.parametrize("form", ["current", "state"])
def test_the_effect_of_a_disturbance_on_a_unit(form):
    """x relaxes to A under a current, and from A after a push, by 1 − α = 3/4 in each step."""
    current = disturbance(CONSTANT, TASK, np.array([True, False, False]), 2.0, form=form, window=(100, 110))
    run = lambda current: run_perturbed_trials(CONSTANT, TASK, current, 20, key=KEY, units=True).units  # noqa: E731
    moved = (run(current) - run(np.zeros_like(current))).values
    k = np.arange(10)
    expected = 2 * (1 - 0.75 ** (k + 1)) if form == "current" else 2 * 0.75**k
    np.testing.assert_allclose(moved[:, 100:110, 0], np.tile(expected, (20, 1)), atol=1e-5)
    assert (moved[:, :100] == 0).all()
    assert (moved[:, :, 1:] == 0).all()


@pytest.mark.slow
def test_a_disturbed_readout_gives_the_opposite_output_in_the_same_trials():
    """The output is positive at rest and negative once unit 0 is silenced, so that correct trials become incorrect."""
    chosen = np.eye(3, dtype=bool)
    result = perturb(CONSTANT, TASK, chosen, -60.0, trials=20, score="strict", ipr=[0.5, 0.25, 1.0, 9.0], key=KEY)
    baseline = float(result.baseline)
    assert 0 < baseline < 1
    np.testing.assert_allclose(result.accuracy, [1 - baseline, baseline, baseline], rtol=1e-12)
    assert result.perturbed.values.tolist() == [1, 1, 1]
    assert result.ipr_left.values.tolist() == [0.5, 0.25, 1.0]  # as many modes as supports
    np.testing.assert_allclose(result.pipr, result.ipr_left / result.accuracy)
    nothing = perturb(CONSTANT, TASK, chosen, 0.0, trials=20, score="strict", key=KEY)
    assert (nothing.accuracy == nothing.baseline).all()
    assert "pipr" not in nothing


@pytest.mark.slow
def test_supports_of_several_stimuli_keep_their_places():
    chosen = xr.DataArray(
        np.array([[[True, False, False]], [[False, False, False]]]),
        dims=["stimulus", "mode", "unit"],
        coords={"stimulus": [1, -1]},
    )
    result = perturb(CONSTANT, TASK, chosen, -60.0, trials=20, score="strict", key=KEY)
    assert result.accuracy.dims == ("stimulus", "mode")
    assert float(result.accuracy.sel(stimulus=-1)[0]) == float(result.baseline)
    assert float(result.accuracy.sel(stimulus=1)[0]) == pytest.approx(1 - float(result.baseline))
    unnamed = perturb(CONSTANT, TASK, chosen.values, trials=20, score="strict", key=KEY)
    assert unnamed.accuracy.dims == ("stimulus", "mode")


def test_zero_accuracy_has_infinite_cost():
    np.testing.assert_array_equal(pipr([0.2, 0.2], [0.5, 0.0]), [0.4, np.inf])
    assert pipr(0.2, 0.1) == 2.0


def test_invalid_input_is_refused():
    everyone = np.ones((2, 3), bool)
    for call, message in (
        (lambda: perturb(CONSTANT, TASK, np.ones((2, 4), bool), key=KEY), r"supports of shape \(2, 4\)"),
        (lambda: perturb(CONSTANT, TASK, np.ones((1, 1, 1, 3), bool), key=KEY), "supports of 4 dimensions"),
        (lambda: perturb(CONSTANT, TASK, everyone, form="noise", key=KEY), "form 'noise'; current or state"),
        (lambda: perturb(CONSTANT, TASK, everyone, float("nan"), key=KEY), "amplitude nan"),
        (lambda: perturb(CONSTANT, TASK, everyone, window="sleep", key=KEY), "window 'sleep'"),
        (lambda: perturb(CONSTANT, TASK, everyone, ipr=[0.5], trials=20, key=KEY), r"ipr of shape \(1,\)"),
        (lambda: disturbance(CONSTANT, TASK, np.ones(2, bool)), r"units of shape \(2,\)"),
    ):
        with pytest.raises(InputError, match=message):
            call()

"""The reproduction of freezing chaos runs at any size, and shows the artefact of the step."""

import numpy as np
import pytest
import xarray as xr

import noisette as nz
from noisette.papers import from_string
from noisette.papers.freezing_chaos import fig2, fig9
from noisette.weights import ensemble

PAPER = from_string("freezing-chaos")
FIGURES = ["fig1", "fig2", "fig3", "fig4", "fig5", "fig6", "fig7", "fig9", "plane", "knob", "ends"]


def test_every_figure_of_the_specification_is_registered():
    assert [figure.name for figure in PAPER.figures] == FIGURES


@pytest.mark.slow
def test_the_third_phase_is_an_artefact_of_the_step():
    # N = 500: the published step gives chaos of gradient dynamics at g = 10, a short one does not
    curves = {
        dt: nz.chaos_curve(ensemble("gaussian:500"), [10.0], networks=n, gamma=1.0, dt=dt, duration=30, discard=10)
        for dt, n in ((0.01, 2), (0.002, 1))
    }
    coarse, fine = (float(curves[dt].lyapunov.mean()) for dt in (0.01, 0.002))
    assert coarse > 0.5
    assert abs(fine) < 0.05
    assert set(curves[0.01].audit.values.ravel()) == {"unstable"}
    assert set(curves[0.002].audit.values.ravel()) == {"ok"}
    assert float(curves[0.01].rising.min()) > 0.4
    assert float(curves[0.002].rising.max()) == 0
    assert "an explicit step is stable only for dt <" in curves[0.01].attrs["warning"]
    assert "warning" not in curves[0.002].attrs


@pytest.mark.slow
def test_the_onset_moves_as_one_over_the_root_of_the_step():
    W = ensemble("gaussian:100")(0)
    steps = np.array([0.02, 0.01, 0.005])
    onset = []
    for dt in steps:
        gains = np.sqrt(np.linspace(0.5, 1.1, 25) / dt)
        curve = nz.chaos_curve([W], gains, gamma=1.0, dt=float(dt), duration=20, discard=0)
        onset.append(gains[(curve.rising.values[:, 0] > 0.05).argmax()])
    slope = np.polyfit(np.log(steps), np.log(onset), 1)[0]
    assert slope == pytest.approx(-0.5, abs=0.05)
    assert np.array(onset) * np.sqrt(steps) == pytest.approx(np.sqrt(2 / 3.26), rel=0.15)


def test_verdicts_follow_from_the_data():
    gains = [1.0, 2.0, 7.0, 10.0, 12.0]
    flat = np.zeros((3, 5, 2, 1))
    risen = flat.copy()
    risen[1:, 3:] = 2.0
    verdicts = {}
    for name, values in (("flat", flat), ("risen", risen)):
        values = values + np.array([0.0, 0.1, 0.3, 0.5, 0.6])[:, None, None] * (np.arange(3) == 0)[:, None, None, None]
        data = xr.Dataset(
            {
                "lyapunov": (("kind", "gain", "network", "exponent"), values),
                "rising": (("kind", "gain", "network"), values[..., 0] * 0),
                "stability": (("kind", "gain", "network"), values[..., 0] * 0),
            },
            {"kind": list(fig2.KINDS), "gain": gains},
        )
        verdicts[name] = [claim.verdict for claim in fig2.claims_of_exponents(data)]
    assert verdicts["flat"] == ["reproduced", "reproduced", "not reproduced", "not reproduced"]
    assert verdicts["risen"] == ["reproduced"] * 4


def memories(m, capacity):
    """Return synthetic data of Figure 9: m of each kind over gains, and capacities, at gains 0.5, 1, 2, 4, 8, 10."""
    gains, networks = list(fig9.GAINS), 2
    shape = (networks, len(gains), 3, len(fig9.DIRECTIONS), len(fig9.PROTOCOLS), len(fig9.LAGS))
    values = np.broadcast_to(np.array([m[kind] for kind in fig9.KINDS]).T[None, :, :, None, None, None], shape).copy()
    values[..., fig9.PROTOCOLS.index("in-sample"), :] = 0.99
    values[..., fig9.PROTOCOLS.index("inverse"), :] = -20.0
    random = np.array([capacity[kind] for kind in fig9.KINDS]).T
    dims = ("network", "gain", "kind")
    return xr.Dataset(
        {
            "m": ((*dims, "direction", "protocol", "lag"), values),
            "condition": (dims, np.full(shape[:3], 1e12)),
            "capacity": (dims, np.stack([random, random + 0.1])),
            "random": ((*dims, "delay"), np.zeros((*shape[:3], fig9.DELAYS))),
        },
        {
            "network": range(networks),
            "gain": gains,
            "kind": list(fig9.KINDS),
            "direction": list(fig9.DIRECTIONS),
            "protocol": list(fig9.PROTOCOLS),
            "lag": list(fig9.LAGS),
            "delay": np.arange(1, fig9.DELAYS + 1),
        },
        {"size": 200},
    )


GOOD, BAD = [1.0] * 6, [1.0, 1.0, 0.3, 0.1, 0.0, 0.0]
MUCH, LITTLE, TURNING = [9.0] * 6, [2.0] * 6, [2.0, 2.0, 2.0, 2.0, 9.5, 9.5]


@pytest.mark.parametrize(
    ("m", "capacity", "expected"),
    [
        (
            (BAD, GOOD, GOOD),
            (MUCH, LITTLE, TURNING),
            ["depends on the input", "depends on the input and its placement"],
        ),
        ((BAD, GOOD, GOOD), (LITTLE, MUCH, MUCH), ["not reproduced", "reproduced"]),
        ((GOOD, BAD, BAD), (MUCH, LITTLE, LITTLE), ["reproduced", "not reproduced"]),
        ((BAD, GOOD, GOOD), (MUCH, LITTLE, LITTLE), ["depends on the input", "depends on the input"]),
        ((BAD, GOOD, BAD[::-1]), (MUCH, TURNING, TURNING), ["depends on the input", "reproduced"]),
    ],
)
def test_verdicts_on_memory_depend_on_input_and_placement(m, capacity, expected):
    made = memories(*(dict(zip(fig9.KINDS, each, strict=True)) for each in (m, capacity)))
    ordering, slow, large = fig9.claims(made)
    assert [slow.verdict, large.verdict] == expected
    assert ordering.verdict == "not reproduced"
    assert "m = 0.990 … 0.990" in ordering.ours
    assert "exceeds 0.99 everywhere" in ordering.reason
    assert f"g ≤ 1 and {min(m[0][2:]):.2f}" in slow.ours


def test_statements_on_memory_are_derived_from_the_numbers():
    made = memories(
        *(dict(zip(fig9.KINDS, each, strict=True)) for each in ((BAD, GOOD, GOOD), (MUCH, LITTLE, TURNING)))
    )
    _, slow, large = fig9.claims(made)
    low, high = (", ".join([f"{value} ± 0.05"] * 3) for value in (2.05, 9.05))
    assert f"γ = 1 {low}, γ = 0 {high}" in slow.ours
    assert "at each of these gains" in slow.reason
    assert "at none of them" in slow.reason
    assert "capacity 2.05 (inside: 9.55), 9.05 without" in large.ours
    made["m"] = made.m.where(made.protocol != "in-sample", 0.5)
    assert fig9.claims(made)[0].verdict == "reproduced"

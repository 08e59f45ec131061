"""The reproduction of freezing chaos runs at any size, and shows the artefact of the step."""

import numpy as np
import pytest
import xarray as xr

import noisette as nz
from noisette.papers import PAPERS
from noisette.papers.freezing_chaos import fig2
from noisette.weights import family

PAPER = PAPERS["freezing-chaos"]
FIGURES = ["fig1", "fig2", "fig3", "fig4", "fig5", "fig6", "fig7", "fig9", "plane", "knob", "ends"]


def test_every_figure_of_the_specification_is_there():
    assert [figure.name for figure in PAPER.figures] == FIGURES


def test_the_third_phase_is_the_step():
    # N = 500: the published step gives chaos of gradient dynamics at g = 10, a short one none
    curves = {
        dt: nz.chaos_curve(family("gaussian:500"), [10.0], networks=n, gamma=1.0, dt=dt, duration=50, discard=10)
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


def test_the_onset_moves_as_one_over_the_root_of_the_step():
    W = family("gaussian:100")(0)
    steps = np.array([0.02, 0.01, 0.005])
    onset = []
    for dt in steps:
        gains = np.sqrt(np.linspace(0.5, 1.1, 25) / dt)
        found = nz.chaos_curve([W], gains, gamma=1.0, dt=float(dt), duration=20, discard=0)
        onset.append(gains[(found.rising.values[:, 0] > 0.05).argmax()])
    slope = np.polyfit(np.log(steps), np.log(onset), 1)[0]
    assert slope == pytest.approx(-0.5, abs=0.05)
    assert np.array(onset) * np.sqrt(steps) == pytest.approx(np.sqrt(2 / 3.26), rel=0.15)


def test_verdicts_come_from_the_data():
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

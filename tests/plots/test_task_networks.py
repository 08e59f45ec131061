"""Figures of trained networks show the data."""

import numpy as np
import pytest
import xarray as xr
from matplotlib.colors import to_hex

from noisette.plots import (
    COLOURS,
    boxes,
    condition_outputs,
    figure,
    group_rates,
    localised_spectrum,
    time_constants,
)

TAU = np.array([30.0, 40.0, 110.0, 124.0])
EXCITATORY = np.array([True, True, False, True])


@pytest.fixture
def axes():
    return figure(4, 3).subplots()


def labels(axes):
    return axes.get_legend_handles_labels()[1]


def test_time_constants_of_each_type_are_shown_as_densities(axes):
    time_constants(axes, TAU, EXCITATORY, bins=12)
    assert labels(axes) == ["excitatory, mean 65 ms", "inhibitory, mean 110 ms"]
    # the outline of a histogram of area one
    for patch in axes.patches:
        x, y = patch.get_xy().T
        assert abs(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2 == pytest.approx(1)


def test_a_type_without_units_is_left_out(axes):
    time_constants(axes, TAU, np.ones(4, bool))
    assert labels(axes) == ["excitatory, mean 76 ms"]


def spectrum():
    values = np.array([[[-1.0, 2.0], [-1.0, -2.0], [-5.0, 0.0]], [[-3.0, 1.0], [-3.0, -1.0], [-4.0, 0.0]]])
    return xr.Dataset(
        {
            "eigenvalue": (("stimulus", "mode", "part"), values, {"units": "1/s"}),
            "ipr_left": (("stimulus", "mode"), np.array([[0.1, 0.1, 1.0], [0.2, 0.2, 0.3]])),
        },
        {"part": ["real", "imaginary"], "stimulus": [1, -1]},
    )


@pytest.mark.parametrize("stimulus", [0, 1])
def test_eigenvalues_are_coloured_by_their_localisation(axes, stimulus):
    data = spectrum()
    points = localised_spectrum(axes, data, stimulus=stimulus)
    np.testing.assert_array_equal(points.get_offsets(), data.eigenvalue[stimulus])
    np.testing.assert_array_equal(points.get_array(), data.ipr_left[stimulus])
    assert (axes.get_xlabel(), axes.get_ylabel()) == (r"$\mathrm{Re}\,\lambda$ (1/s)", r"$\mathrm{Im}\,\lambda$ (1/s)")
    alone = localised_spectrum(figure(3, 3).subplots(), data.isel(stimulus=stimulus))
    np.testing.assert_array_equal(alone.get_offsets(), points.get_offsets())


def rates(others=0.1):
    values = np.stack([np.full((2, 5), 0.5), np.full((2, 5), others)], axis=1) * np.arange(1, 6)
    return xr.Dataset(
        {"rate": (("stimulus", "group", "time"), values)},
        {"group": ["dominant", "non-dominant"], "time": 5.0 * np.arange(1, 6)},
    )


def test_rates_of_both_groups_are_drawn_over_the_stimuli(axes):
    group_rates(axes, rates(), stimulus=1, windows=[(5, 10), (15, 20)])
    lines = {line.get_label(): line for line in axes.get_lines()}
    np.testing.assert_allclose(lines["dominant"].get_ydata(), 0.5 * np.arange(1, 6))
    np.testing.assert_allclose(lines["non-dominant"].get_ydata(), 0.1 * np.arange(1, 6))
    assert [(patch.get_x(), patch.get_width()) for patch in axes.patches] == [(5, 5), (15, 5)]
    assert axes.get_ylim()[0] == 0


def test_a_group_without_units_is_not_drawn(axes):
    group_rates(axes, rates(others=np.nan))
    assert labels(axes) == ["dominant"]


def test_boxes_show_the_quartiles_and_a_dot_for_every_finite_value(axes):
    values = np.random.default_rng(0).normal(size=23)
    boxes(axes, {"some": values, "fewer": np.array([3.0, np.nan, 1.0])}, colours=[COLOURS["orange"], COLOURS["sky"]])
    first, second = (patch.get_path().vertices[:, 1] for patch in axes.patches)
    np.testing.assert_allclose([first.min(), first.max()], np.percentile(values, [25, 75]))
    np.testing.assert_allclose([second.min(), second.max()], [1.5, 2.5])
    dots = [line for line in axes.get_lines() if line.get_marker() == "."]
    np.testing.assert_array_equal(dots[0].get_ydata(), values)
    assert dots[1].get_ydata().tolist() == [3.0, 1.0]
    assert to_hex(axes.patches[0].get_facecolor()) == COLOURS["orange"].lower()
    assert [label.get_text() for label in axes.get_xticklabels()] == ["some", "fewer"]


def test_outputs_have_a_band_of_one_deviation_around_their_mean(axes):
    time = np.arange(4.0)
    mean, deviation = np.array([[0, 1, 2, 3.0], [0, -1, -2, -3.0]]), np.array([[0.1] * 4, [0.2] * 4])
    data = xr.Dataset(
        {"mean": (("condition", "time"), mean), "deviation": (("condition", "time"), deviation)},
        {"condition": ["same", "different"], "time": time},
    )
    condition_outputs(axes, data, windows=[(1, 2)])
    assert labels(axes) == ["same", "different"]
    for line, band, expected, width in zip(axes.get_lines(), axes.collections, mean, (0.1, 0.2), strict=True):
        np.testing.assert_array_equal(line.get_ydata(), expected)
        y = band.get_paths()[0].vertices
        assert y[y[:, 0] == 3][:, 1].max() == pytest.approx(expected[3] + width)
        assert y[y[:, 0] == 3][:, 1].min() == pytest.approx(expected[3] - width)

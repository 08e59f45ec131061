import numpy as np
import pytest
import xarray as xr
from matplotlib.colors import rgb_to_hsv, to_hex, to_rgb

import noisette as nz
from noisette.papers.recurrence_resonance.fig1 import matrix
from noisette.plots import (
    COLOURS,
    SERIES,
    distance_curves,
    eigenvalues,
    figure,
    information_curves,
    joint_matrix,
    lyapunov_curve,
    save,
    style,
    traces,
    transition_diagram,
)


def test_curves_show_the_data():
    curve = nz.resonance(nz.Boltzmann(nz.weights.autapses(10)), [0, 4, 50])
    axes = figure(4, 3).subplots()
    information_curves(axes, curve)
    lines = {line.get_label(): line for line in axes.get_lines()}
    np.testing.assert_array_equal(lines["$I$"].get_ydata(), curve.information.values)
    assert axes.get_ylabel() == "$H$, $I$, $D$ (bit)"
    assert len({line.get_color() for line in lines.values()}) == 3


def test_joint_matrix_has_the_previous_state_on_the_horizontal_axis():
    joint = np.zeros((4, 4))
    joint[1, 3] = 1.0  # from 1 to 3
    shown = joint_matrix(figure(3, 3).subplots(), joint).get_array()
    assert shown[3, 1] == 1.0
    assert shown.mask.sum() == 15


def exponents(audit):
    """Return a curve over three gains, with one network per row of `audit`."""
    values = np.array([[-0.5, 0.0, 0.5], [-0.3, 0.2, 0.9]])[: len(audit), :, None]
    return xr.Dataset(
        {"lyapunov": (("network", "gain", "exponent"), values), "audit": (("network", "gain"), np.array(audit))},
        {"gain": [0.5, 1.0, 2.0]},
    )


def test_exponents_are_drawn_as_means_with_errors_and_open_circles_where_the_step_is_unstable():
    data = exponents([["ok", "ok", "ok"], ["ok", "ok", "unstable"]])
    theory = nz.theory.mean_field(nz.activations.tanh, [0.5, 1.0])
    axes = figure(4, 3).subplots()
    lyapunov_curve(axes, data, label="N = 2", colour="divergence", theory=theory)
    (drawn,) = axes.containers
    np.testing.assert_allclose(drawn.lines[0].get_ydata(orig=False), [-0.4, 0.1, 0.7])
    bars = drawn.lines[2][0].get_segments()
    np.testing.assert_allclose([bar[1, 1] - bar[0, 1] for bar in bars], [0.2, 0.2, 0.4])  # twice the standard error
    hollow = axes.get_lines()[-1]
    assert (hollow.get_xdata().tolist(), hollow.get_ydata().tolist()) == ([2.0], [0.7])
    assert to_hex(hollow.get_markerfacecolor()) == "#ffffff"
    assert to_hex(hollow.get_markeredgecolor()) == COLOURS["divergence"].lower()
    assert axes.get_legend_handles_labels()[1] == [r"mean field, $N \to \infty$", "N = 2"]
    lines = {line.get_label(): line for line in axes.get_lines()}
    np.testing.assert_array_equal(lines[r"mean field, $N \to \infty$"].get_ydata(), theory.lyapunov)


def test_exponents_of_one_network_have_no_errors():
    axes = figure(4, 3).subplots()
    lyapunov_curve(axes, exponents([["ok", "ok", "ok"]]))
    (drawn,) = axes.containers
    assert drawn.has_yerr is False
    np.testing.assert_allclose(drawn.lines[0].get_ydata(orig=False), [-0.5, 0, 0.5])
    assert axes.get_legend_handles_labels()[1] == []


def test_networks_that_diverged_are_left_out():
    axes = figure(4, 3).subplots()
    lyapunov_curve(axes, exponents([["ok", "ok", "diverged"], ["ok", "diverged", "diverged"]]))
    np.testing.assert_allclose(axes.containers[0].lines[0].get_ydata(orig=False), [-0.4, 0.0, np.nan])


def test_distances_are_drawn_for_each_network_with_lines_of_the_exponents():
    times, decay = np.arange(5.0), np.array([[1.0], [0.1]])
    values = np.exp(-decay[:, None] * times) * np.array([1.0, 3.0])[None, :, None]
    data = xr.Dataset(
        {"distance": (("noise", "network", "time"), values)},
        {"noise": [1.0, 2.0], "time": ("time", times, {"units": "tau"})},
    )
    theory = xr.Dataset({"lyapunov": ("noise", [0.1, -0.1])}, {"noise": [1.0, 2.0]})
    axes = figure(4, 3).subplots()
    distance_curves(axes, data, theory=theory)
    solid = [line.get_ydata() for line in axes.get_lines() if line.get_linestyle() == "-"]
    np.testing.assert_allclose(solid, values.reshape(4, 5))
    (dashed,) = (line for line in axes.get_lines() if line.get_linestyle() == "--")
    np.testing.assert_allclose(dashed.get_ydata(), 2 * np.exp(-0.1 * dashed.get_xdata()))
    assert axes.get_legend_handles_labels()[1] == [r"$\sigma = 1$", r"$\sigma = 2$"]


def test_eigenvalues_are_drawn_in_the_complex_plane():
    axes = figure(3, 3).subplots()
    eigenvalues(axes, np.array([-1.0, 0.5 + 2j, 0.5 - 2j]), colour="information", label="chaos")
    points, stability = axes.get_lines()
    assert points.get_xdata().tolist() == [-1, 0.5, 0.5]
    assert points.get_ydata().tolist() == [0, 2, -2]
    assert to_hex(points.get_color()) == COLOURS["information"].lower()
    assert stability.get_xdata() == [0, 0]
    assert axes.get_xlabel() == r"$\mathrm{Re}\,\mu$ ($1/\tau$)"
    assert axes.get_ylabel() == r"$\mathrm{Im}\,\mu$ ($1/\tau$)"
    eigenvalues(axes, np.array([-1.0, -2.0]))  # real, as for a symmetric matrix
    assert axes.get_lines()[2].get_ydata().tolist() == [0, 0]


def test_traces_show_the_first_units_and_label_the_switch():
    axes = figure(4, 3).subplots()
    times, states = np.arange(5.0), np.arange(60.0).reshape(5, 12)
    traces(axes, times, states, switches={1.0: "γ = 1", 3.0: "γ = 0"}, max_units=4)
    lines = axes.get_lines()
    assert len(lines) == 4 + 2
    np.testing.assert_array_equal(lines[3].get_ydata(), states[:, 3])
    assert [line.get_xdata()[0] for line in lines[4:]] == [1, 3]
    assert [text.get_text() for text in axes.texts] == ["γ = 1", "γ = 0"]
    assert [text.xy[0] for text in axes.texts] == [1, 3]
    traces(axes, times, states[:, :1])  # fewer units than requested, no switch
    assert len(axes.get_lines()) == 7


def test_saved_figures_are_complete_and_the_style_does_not_leak(tmp_path):
    import matplotlib as mpl

    before = mpl.rcParams["axes.spines.top"]
    with style():
        made = figure(2, 2)
        made.subplots()
    paths = save(made, tmp_path / "deep" / "f")
    assert [p.suffix for p in paths] == [".png", ".pdf"]
    assert all(p.stat().st_size > 500 for p in paths)
    assert len(list((tmp_path / "deep").iterdir())) == 2
    assert mpl.rcParams["axes.spines.top"] == before


def test_colours_differ_in_lightness_or_hue():
    assert len(set(COLOURS.values())) == len(COLOURS)


def test_names_of_units_are_shown_in_a_legend():
    axes = figure(4, 3).subplots()
    traces(axes, np.arange(3.0), np.zeros((3, 3)), max_units=2, unit_names=["AVAL", "AVAR", "RIML"])
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["AVAL", "AVAR"]


@pytest.mark.parametrize("scale", [0.5, 2.0, 5.0])
def test_no_state_of_a_transition_diagram_hides_another(scale):
    """Dots are about 0.07 of the extent of a panel of figure 1; the attraction of the layout would put some closer."""
    network = nz.Boltzmann(scale * matrix())
    structure = nz.attractors(network)
    recurrent = np.isin(np.arange(32), np.concatenate(structure.sets))
    axes = figure(2.5, 2.5).subplots()
    transition_diagram(axes, nz.theory.markov.transition_matrix(network), structure.labels, recurrent)
    positions = np.array([text.get_position() for text in axes.texts])
    distance = np.linalg.norm(positions[:, None] - positions, axis=-1) + 10 * np.eye(32)
    assert distance.min() > 0.09 * np.ptp(positions, axis=0).max()


def test_labels_of_switches_stand_above_the_curves():
    axes = figure(3, 2).subplots()
    states = np.sin(np.arange(100.0))[:, None]
    traces(axes, np.arange(100.0), states, switches={50.0: "on"})
    assert axes.get_ylim()[1] > states.max() + 0.2
    assert axes.texts[0].xy[1] == axes.get_ylim()[1]


def test_series_differ_in_lightness_or_hue():
    """No two colours of a series of curves are both blue."""
    hues = {name: rgb_to_hsv(to_rgb(name)) for name in SERIES}
    blues = [name for name, (hue, saturation, _) in hues.items() if 0.5 < hue < 0.72 and saturation > 0.3]
    assert len(blues) == 1
    assert len(set(SERIES)) == len(SERIES)


def test_dates_of_fonts_cause_no_message(tmp_path, caplog):
    made = figure(2, 2)
    made.subplots().set_title(r"$\phi'$")  # the prime is from Computer Modern
    save(made, tmp_path / "f")
    assert not caplog.records

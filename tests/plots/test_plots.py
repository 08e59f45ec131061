import numpy as np

import noisette as nz
from noisette.plots import COLOURS, figure, information_curves, joint_matrix, save, style


def test_curves_show_what_the_data_say():
    curve = nz.resonance(nz.Boltzmann(nz.weights.autapses(10)), [0, 4, 50])
    axes = figure(4, 3).subplots()
    information_curves(axes, curve)
    lines = {line.get_label(): line for line in axes.get_lines()}
    np.testing.assert_array_equal(lines["I"].get_ydata(), curve.information.values)
    assert axes.get_ylabel() == "bits"
    assert len({line.get_color() for line in lines.values()}) == 3


def test_joint_matrix_has_the_state_before_on_the_horizontal_axis():
    joint = np.zeros((4, 4))
    joint[1, 3] = 1.0  # from 1 to 3
    shown = joint_matrix(figure(3, 3).subplots(), joint).get_array()
    assert shown[3, 1] == 1.0
    assert shown.mask.sum() == 15


def test_saved_figures_are_whole_and_the_style_does_not_leak(tmp_path):
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

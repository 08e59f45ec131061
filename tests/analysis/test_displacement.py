import numpy as np
import pytest

import noisette as nz
from noisette.analysis import squared_displacement
from noisette.errors import InputError


def test_displacement_is_the_squared_distance_of_rates():
    draw = np.random.default_rng(0)
    x, y = draw.standard_normal((2, 3, 5))
    assert squared_displacement(x, y) == pytest.approx(((np.tanh(x) - np.tanh(y)) ** 2).sum(1))
    assert squared_displacement(x, y, nz.activations.linear) == pytest.approx(((x - y) ** 2).sum(1))
    assert squared_displacement(x, y) == pytest.approx(squared_displacement(y, x))
    assert (squared_displacement(x, x) == 0).all()


def test_states_of_different_shapes_are_refused():
    with pytest.raises(InputError, match="the same shape"):
        squared_displacement(np.zeros(3), np.zeros(4))

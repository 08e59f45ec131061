import jax
import jax.numpy as jnp
import numpy as np
import pytest

import noisette as nz
from noisette.errors import InputError
from noisette.networks import Flow, Map

KEY = jax.random.key(0)


def test_a_flow_is_its_function():
    network = Flow(lambda x: jnp.sin(x) - x, 3, scale=lambda x: 2 * x)
    x = jnp.array([0.1, 2.0, -1.0])
    assert (network.drift(x) == jnp.sin(x) - x).all()
    assert (network.diffusion(x) == 2 * x).all()
    assert Flow(lambda x: x, 3).diffusion(x) is None
    assert float(network.kinetic_energy(x)) == pytest.approx(float(jnp.sum((jnp.sin(x) - x) ** 2) / 2))


@pytest.mark.slow
def test_a_map_is_its_function_and_its_noise():
    logistic = Map(lambda x: 4 * x * (1 - x), 1)
    result = nz.simulate(logistic, 6, nz.Trace(), key=KEY, start=0.3)
    x, path = 0.3, []
    for _ in range(6):
        path.append(x)
        x = 4 * x * (1 - x)
    assert result.trace.values[0, :, 0] == pytest.approx(path)
    assert result.final.values[0, 0] == pytest.approx(x)
    assert result.trace.time.values.tolist() == [0, 1, 2, 3, 4, 5]
    assert "stability" not in result
    # x → x/2 + ξ: variance 1/(1 − ¼); 2000 units, within 5 standard errors
    noisy = Map(lambda x: x / 2, 2000, noise=nz.White(1.0))
    final = nz.simulate(noisy, 40, key=KEY).final.values
    assert final.var() == pytest.approx(4 / 3, rel=5 * np.sqrt(2 / 2000))


@pytest.mark.parametrize("kind", [Flow, Map])
def test_invalid_input_is_refused(kind):
    with pytest.raises(InputError, match="size 0; at least one unit"):
        kind(lambda x: x, 0)
    with pytest.raises(InputError, match="start 'middle'; normal or uniform"):
        kind(lambda x: x, 2).start("middle")
    with pytest.raises(InputError, match=r"start of shape \(3,\)"):
        kind(lambda x: x, 2).start([1.0, 2.0, 3.0])


def test_time_in_units_is_refused_for_maps():
    with pytest.raises(InputError, match="duration, dt, solver or inputs for a network in discrete time; give steps"):
        nz.simulate(Map(lambda x: x, 1), duration=1.0, key=KEY)
    with pytest.raises(InputError, match="no number of steps"):
        nz.simulate(Map(lambda x: x, 1), key=KEY)

"""Representations show values in one line."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import noisette as nz
from noisette import tasks
from noisette.networks import Flow, Map, TaskNetwork

EXPECTED = {
    "White(0.1)": lambda: nz.White(0.1),
    "White([0.1, 0.2])": lambda: nz.White([0.1, 0.2]),
    "White(0 … 1 (50 values))": lambda: nz.White(np.linspace(0, 1, 50)),
    "OrnsteinUhlenbeck(0.2, 3)": lambda: nz.OrnsteinUhlenbeck(0.2, 3.0),
    "Frozen(1)": lambda: nz.Frozen(1.0),
    "Common(2)": lambda: nz.Common(2.0),
    "Gated(White(3), 10, 20)": lambda: nz.Gated(nz.White(3.0), 10, 20),
    "White(1) + Common(2)": lambda: nz.White(1.0) + nz.Common(2.0),
    "Channels(array 5×2, White(1))": lambda: nz.Channels(np.ones((5, 2))),
    "DMS()": tasks.DMS,
    "DMS(delay=50)": lambda: tasks.DMS(delay=50.0),
    "XOR(dt=10, input_noise=0.1)": lambda: tasks.XOR(dt=10.0, input_noise=0.1),
    "Trace()": nz.Trace,
    "Trace(10, units=(1, 2))": lambda: nz.Trace(10, [1, 2]),
    "Lyapunov(2)": lambda: nz.Lyapunov(2),
    "Autocovariance(5, rates=False)": lambda: nz.Autocovariance(5, rates=False),
    "Covariance(discard=10)": lambda: nz.Covariance(discard=10),
    "Power(2)": lambda: nz.activations.Power(2.0),
    "Pade(0.5, 0)": lambda: nz.activations.Pade(0.5, 0.0),
    "Formula('x/(1+abs(x))')": lambda: nz.activations.Formula("x/(1+abs(x))"),
    "Switch([100], [0, 1])": lambda: nz.Switch([100.0], [0.0, 1.0]),
    "Ramp(0, 1, begin=10, end=20)": lambda: nz.Ramp(0, 1, begin=10, end=20),
    "RateNetwork(1 unit, gain=1.5, tau=1, activation=tanh, noise=None)": lambda: nz.RateNetwork([[0.5]], 1.5),
    "RateNetwork(50 units, gain=1, tau=1 … 2 ms, activation=erf, bias=0.1, noise=White(0.2))": lambda: nz.RateNetwork(
        np.ones((50, 50)),
        tau=np.linspace(1, 2, 50),
        bias=0.1,
        activation=nz.activations.erf,
        noise=nz.White(0.2),
        unit_of_time="ms",
    ),
    "Boltzmann(5 units, noise=White(0))": lambda: nz.Boltzmann(nz.weights.autapses(10)),
    "SignNetwork(1 unit, bias=[0.5], noise=White(2))": lambda: nz.SignNetwork([[1.0]], 0.5, nz.White(2.0)),
    "Map(2 units, function=tanh, noise=None)": lambda: Map(nz.activations.tanh, 2),
}


@pytest.mark.parametrize("text", EXPECTED)
def test_values_are_shown(text):
    assert repr(EXPECTED[text]()) == text


def test_the_representation_of_a_call_makes_the_same_object():
    for text in ("White(0.1)", "Lyapunov(2)", "Trace(10, units=(1, 2))", "Ramp(0, 1, begin=10, end=20)", "Frozen(1)"):
        assert repr(eval(text, vars(nz) | {name: getattr(nz, name) for name in nz.__all__})) == text


def test_trained_networks_are_one_line():
    network = TaskNetwork.random(noise_channels=10, key=0)
    text = repr(network)
    assert len(text) < 120
    assert "\n" not in text
    low, high = network.tau.min(), network.tau.max()
    for part in ("200 units", f"tau={low:.4g} … {high:.4g} ms", "noise_channels=10", "sensory_noise=0.1"):
        assert part in text
    assert repr(nz.Onsager(network, 0.5)).startswith("Onsager(200 units, network=RateNetwork(200 units, gain=1, tau=")


def test_traced_values_and_own_classes_have_representations():
    class Own(nz.noise.Noise):
        width: float = 1.0

        def sample(self, state, time, size, *, key, dt=1.0):
            return jnp.zeros(size), state

        def scaled(self, factor):
            return self

    assert repr(Own(0.5)) == "Own(0.5)"
    texts = []

    @jax.jit
    def traced(strength):
        texts.append(repr(nz.RateNetwork([[0.5]], strength, noise=nz.White(strength))))
        return strength

    traced(1.0)
    assert texts == ["RateNetwork(1 unit, gain=traced, tau=traced, activation=tanh, bias=traced, noise=White(traced))"]


@pytest.mark.parametrize(
    "network", [nz.RateNetwork([[0.5]]), nz.Boltzmann([[2.0]]), Flow(lambda x: -x, 1), TaskNetwork.random(5, key=0)]
)
def test_networks_have_short_html(network):
    html = network._repr_html_()
    assert html.count("<tr>") == html.count("</tr>") == 1 + len(network.facts())
    assert len(html) < 600
    assert "<lambda>" not in html  # escaped


def test_noise_effect_has_a_line_and_html():
    effect = nz.noise_effect(nz.Boltzmann(nz.weights.autapses(10)), [0, 4, 50])
    assert repr(effect) == "NoiseEffect(helps=True, 4.932 bit at r = 2.425, 3 strengths)"
    html = effect._repr_html_()
    assert html.startswith("<strong>Noise helps: I rises from 3.284 bit at r = 0 to 4.932 bit at r = 2.425.</strong>")
    assert len(html) < 1000

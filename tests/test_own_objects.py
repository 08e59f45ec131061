"""Noises, probes, networks, tasks, losses and measures of the user's own are tried when they are handed over."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import noisette as nz
from noisette import probes, tasks, training
from noisette.errors import InputError
from noisette.networks import ContinuousNetwork, DiscreteNetwork

W = np.array([[0.0, 0.5], [0.2, 0.0]])
RATE = nz.RateNetwork(W)


def noise(sample=None, **methods):
    """Return a noise with other methods than those of a valid one."""

    def zero(self, state, time, size, *, key, dt=1.0):
        return jnp.zeros(size), state

    own = {"sample": sample or zero, "scaled": lambda self, factor: self}
    return type("Hum", (nz.noise.Noise,), own | methods)()


SAMPLES = {
    "numpy": (lambda self, state, time, size, *, key, dt=1.0: (np.sin(jax.random.normal(key, (size,))), state), "jnp"),
    "if": (
        lambda self, state, time, size, *, key, dt=1.0: (jnp.zeros(size) if time > 1 else jnp.ones(size), state),
        "use jnp.where instead of if",
    ),
    "shape": (lambda self, state, time, size, *, key, dt=1.0: (jnp.zeros(()), state), r"return shape \(2,\)"),
    "no pair": (lambda self, state, time, size, *, key, dt=1.0: jnp.zeros(size), "return sample, state"),
    "list": (lambda self, state, time, size, *, key, dt=1.0: ([0.0] * size, state), r"return jnp.array"),
    "state": (lambda self, state, time, size, *, key, dt=1.0: (jnp.zeros(size), dt), r"changes from \(\) to f64\[\]"),
    "arguments": (lambda self, state, time, size: (jnp.zeros(size), state), "documented arguments"),
    "attribute": (lambda self, state, time, size, *, key, dt=1.0: (self.width, state), "no attribute 'width'"),
}
WHERE = {
    "RateNetwork": lambda hum: nz.RateNetwork(W, noise=hum),
    "Boltzmann": lambda hum: nz.Boltzmann(W, noise=hum),
    "with_noise": lambda hum: RATE.with_noise(hum),
    "gated sum": lambda hum: nz.RateNetwork(W, noise=nz.Gated(hum + nz.White(0.1), 0, 1)),
    "channels": lambda hum: nz.RateNetwork(W, noise=nz.Channels(np.eye(2), hum)),
}


@pytest.mark.parametrize("holder", WHERE)
@pytest.mark.parametrize("fault", SAMPLES)
def test_noises_are_tried_by_networks(fault, holder):
    sample, message = SAMPLES[fault]
    with pytest.raises(InputError, match=rf"(sample|state) of Hum .*{message}") as caught:
        WHERE[holder](noise(sample))
    assert "\n" not in str(caught.value)


def test_other_methods_of_noises_are_tried():
    with pytest.raises(InputError, match="scaled of Hum returns None; a noise"):
        2 * noise(scaled=lambda self, factor: None)
    with pytest.raises(InputError, match=r"step_law of Hum returns .*; a pair"):
        nz.Boltzmann(W, noise=noise(step_law=lambda self, size, time: jnp.zeros(size)))
    with pytest.raises(InputError, match=r"init of Hum fails .*no attribute"):
        nz.RateNetwork(W, noise=noise(init=lambda self, size, *, key: self.memory))
    assert nz.RateNetwork(W, noise=noise()).noise is not None


PROBES = {
    "numpy": ({"update": lambda self, record, step: np.asarray(step.after).sum()}, "use jax.numpy"),
    "if": ({"update": lambda self, record, step: record if step.time > 1 else record + 1}, "use jnp.where"),
    "shape": ({"update": lambda self, record, step: step.after}, r"record of Total changes from f64\[\] to f64\[2\]"),
    "init": ({"init": lambda self, network, steps: self.nothing}, "init of Total fails .*no attribute"),
    "arguments": ({"update": lambda self, record: record}, "update of Total fails .*documented arguments"),
    "result": ({"result": lambda self, record, steps: record}, "result of Total returns .*; a mapping from names"),
    "name": ({"result": lambda self, record, steps: {"sum": record}}, "result of Total without total"),
    "labels": ({"describe": lambda self, network, steps: None}, "describe of Total returns None; a mapping"),
    "dims": (
        {"describe": lambda self, network, steps: {"total": probes.Variable(("unit",), {}, {})}},
        r"'total' of Total with dimensions \('unit',\) .*; those of its result of shape \(\)",
    ),
    "bind": ({"bind": lambda self, networks: None}, "bind of Total returns None; a probe"),
}


def total(**methods):
    """Return a probe with other methods than those of a valid one."""
    own = {
        "init": lambda self, network, steps: jnp.zeros(()),
        "update": lambda self, record, step: record + step.after.sum(),
        "result": lambda self, record, steps: {"total": record},
        "describe": lambda self, network, steps: {"total": probes.Variable((), {}, {})},
    }
    return type("Total", (probes.Probe,), own | methods)()


@pytest.mark.parametrize("solver", ["euler", "adaptive"])
@pytest.mark.parametrize("fault", PROBES)
def test_probes_are_tried_before_the_simulation(fault, solver):
    methods, message = PROBES[fault]
    with pytest.raises(InputError, match=message) as caught:
        nz.simulate(RATE, 5, total(**methods), dt=0.1, solver=solver, key=0)
    assert "\n" not in str(caught.value)


def network(base, **members):
    """Return a network of the user's own of two units."""
    own = {
        "__annotations__": {"noise": nz.noise.Noise | None, "dt": object, "size": int},
        "noise": None,
        "dt": 0.5,
        "size": eqx.field(static=True, default=2),
        "step": lambda self, state, time, *, key: state._replace(units=self.dt * state.units),
        "drift": lambda self, units, time=0.0, inputs=None: -units,
    }
    return type("Own", (base,), own | members)()


NETWORKS = {
    "dt missing": (DiscreteNetwork, {"dt": None}, "step of Own fails"),
    "dt wrong": (DiscreteNetwork, {"dt": "x"}, "step of Own fails"),
    "rate missing": (
        DiscreteNetwork,
        {"step": lambda self, state, time, *, key: state._replace(units=self.rate * state.units)},
        "'Own' object has no attribute 'rate'",
    ),
    "units": (DiscreteNetwork, {"step": lambda self, state, time, *, key: state.units}, r"return state._replace"),
    "if": (
        DiscreteNetwork,
        {"step": lambda self, state, time, *, key: state if state.units[0] > 0 else ()},
        "use jnp.where",
    ),
    "size": (DiscreteNetwork, {"size": 2.5}, "size of Own 2.5; an integer"),
    "noise": (ContinuousNetwork, {"noise": 0.1}, "0.1 as noise"),
    "drift": (ContinuousNetwork, {"drift": lambda self, units, time=0.0, inputs=None: units.sum()}, "return shape"),
    "diffusion": (ContinuousNetwork, {"diffusion": lambda self, units: jnp.ones(3)}, "diffusion of Own returns shape"),
}


@pytest.mark.parametrize("fault", NETWORKS)
def test_networks_are_tried_when_they_are_made(fault):
    base, members, message = NETWORKS[fault]
    with pytest.raises(InputError, match=message) as caught:
        network(base, **members)
    assert "\n" not in str(caught.value)


def test_a_discrete_network_may_have_a_field_dt():
    data = nz.simulate(network(DiscreteNetwork), 2, start=[1.0, 2.0], key=0)
    np.testing.assert_allclose(data.final[0], [0.25, 0.5])


def task(**members):
    """Return the class of a task with other members than those of a valid one."""

    def signals(self, label, *, key):
        shown, mask = self.times < 20, self.times >= 60
        sign = jnp.where(label == 0, 1.0, -1.0)
        return sign * shown[:, None], sign * mask[:, None], mask

    own = {"__annotations__": {"duration": float}, "duration": 100.0, "channels": 1, "conditions": ("up", "down")}
    return type("Sign", (tasks.Task,), own | {"signals": signals} | members)


ONES = jnp.ones((20, 1))
TASKS = {
    "if": ({"signals": lambda self, label, *, key: (ONES, ONES, ONES[:, 0]) if label == 0 else ()}, "use jnp.where"),
    "numpy": ({"signals": lambda self, label, *, key: (ONES * np.asarray(label), ONES, ONES[:, 0])}, "use jax.numpy"),
    "target": ({"signals": lambda self, label, *, key: (ONES, ONES[:, 0], ONES[:, 0])}, r"target of shape \(20,\)"),
    "two": ({"signals": lambda self, label, *, key: (ONES, ONES)}, "inputs, target and mask"),
    "conditions": ({"conditions": "up"}, "conditions 'up'; a tuple of the names"),
    "channels": ({"channels": 1.5}, "channels 1.5; an integer"),
}


@pytest.mark.parametrize("fault", TASKS)
def test_tasks_are_tried_when_they_are_made(fault):
    members, message = TASKS[fault]
    with pytest.raises(InputError, match=message) as caught:
        task(**members)()
    assert "\n" not in str(caught.value)
    assert task()().steps == 20


def train(draw=None, **protocol):
    afc = tasks.AFC()
    options = training.Protocol(max_trials=2, test_every=1, test_trials=2, **protocol)
    return training.train(afc, 1, protocol=options, draw=draw or training.initial_networks(afc, 4))


TRAININGS = {
    "numpy": ({"loss": lambda outputs, trial: np.sum(np.asarray(outputs))}, "loss .*use jax.numpy"),
    "if": ({"loss": lambda outputs, trial: outputs.sum() if outputs.sum() > 0 else 0.0}, "loss .*use jnp.where"),
    "shape": ({"loss": lambda outputs, trial: outputs}, r"loss returns shape \(199, 1\); .*return shape \(\)"),
    "integer": ({"loss": lambda outputs, trial: jnp.zeros((), int)}, "loss returns a number of type int64"),
    "optimiser": ({"optimiser": lambda: 0.1}, "optimiser returns 0.1; an optax transformation"),
    "draw": ({"draw": lambda *, key: 1 / 0}, "draw .*ZeroDivisionError"),
}


@pytest.mark.parametrize("fault", TRAININGS)
def test_losses_and_optimisers_are_tried_before_training(fault):
    options, message = TRAININGS[fault]
    with pytest.raises(InputError, match=message) as caught:
        train(**options)
    assert "\n" not in str(caught.value)


def test_a_criterion_returns_true_or_false():
    protocol = training.Protocol(criterion=lambda loss, accuracy: None, optimiser=optax.sgd(0.1))
    with pytest.raises(InputError, match="criterion returns None; True or False"):
        protocol.reached(1.0, 0.5)


def test_measures_that_cannot_be_compiled_are_refused():
    study = nz.Study("signs", lambda x: {"y": x if x > 0 else -x}, {"x": [1.0, 2.0]}, vectorised=["x"])
    with pytest.raises(InputError, match=r"measure <lambda> depends on the value of its argument; .*use jnp.where"):
        study.run()

"""Public callables answer rightly or raise `InputError` of one line for arguments of the wrong kind.

The calls are made in a separate process, since annotations are checked before every call in this process.
"""

import json
import subprocess
import sys
from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest
from jaxtyping import TypeCheckError

import noisette as nz
from noisette.errors import InputError
from noisette.functions import try_function

SCRIPT = Path(__file__).parent.parent / "benchmarks" / "wrong_kinds.py"
W = np.array([[0.0, 0.5], [0.2, 0.0]])
REFUSED = (InputError, TypeCheckError)
KINDS = (
    *("None", "str", "complex", "NaN", "inf", "empty", "huge", "negative", "masked", "object"),
    *("strings", "class", "lambda", "mapping"),
)


def outcomes(*options):
    """Return the number of calls, and the outcomes that are neither right answers nor `InputError`."""
    made = subprocess.run([sys.executable, SCRIPT, "--json", *options], capture_output=True, text=True, check=True)
    return json.loads(made.stdout.splitlines()[-1])


@pytest.mark.slow
def test_constructors_refuse_arguments_of_the_wrong_kind():
    result = outcomes("--quick", "--only", "White", "OrnsteinUhlenbeck", "Gated", "Lyapunov", "Trace", "autapses")
    assert result["calls"] > 150
    assert result["faults"] == []


@pytest.mark.slow
def test_public_callables_refuse_arguments_of_the_wrong_kind():
    """A sample of the calls of `benchmarks/wrong_kinds.py`, in which each kind occurs for many callables."""
    result = outcomes("--share", "0.1")
    assert result["calls"] > 1000
    assert min(result["kinds"].get(kind, 0) for kind in KINDS) >= 50
    assert result["faults"] == []
    assert result["missing"] == []  # each public callable has a valid call


CALLS = {
    "matrix": (
        lambda: nz.simulate(W),
        "simulate without the argument key; it requires network, key; for example key=0",
    ),
    "nothing": (lambda: nz.simulate(), "simulate without the arguments network, key; it requires network, key"),
    "option": (
        lambda: nz.simulate(W, key=0, dration=1),
        "simulate with the argument dration; .* mean duration?",
    ),
    "class": (lambda: nz.RateNetwork(W, noize=None), "RateNetwork with the argument noize; .*; did you mean noise?"),
    "dataclass": (
        lambda: nz.Study("name"),
        "Study without the arguments measure, grid; .*measure, grid",
    ),
    "position": (lambda: nz.White(1.0, 2.0), "White: too many positional arguments; its arguments are strength"),
    "word": (lambda: nz.attractors(nz.SignNetwork(W), "kep"), "ties 'kep'; keep, up or down; did you mean keep?"),
}


@pytest.mark.parametrize("name", CALLS)
def test_missing_and_unknown_arguments_are_named(name):
    call, message = CALLS[name]
    with pytest.raises(InputError, match=f"^{message.replace('?', '[?]')}$"):
        call()


FUNCTIONS = {
    "numpy": (np.tanh, "use jax.numpy"),
    "numpy choice": (lambda x: np.where(x > 0, x, 0.0), "use jax.numpy"),
    "if": (lambda x: x if x.sum() > 0 else 0 * x, "use jnp.where"),
    "number": (lambda x: x * float(x[0]), "use jax.numpy"),
    "list": (lambda x: [0.0, 0.0], "returns a list"),
    "nothing": (lambda x: None, "returns None"),
    "text": (lambda x: "x", "return jnp.array"),
    "shape": (lambda x: x.sum(), r"return shape \(2,\)"),
    "complex": (lambda x: x + 1j, "real numbers"),
    "exception": (lambda x: x.no_attribute, "AttributeError"),
}
HOLDERS = {
    "RateNetwork": lambda f: nz.RateNetwork(W, activation=f),
    "Flow": lambda f: nz.networks.Flow(f, 2),
    "scale": lambda f: nz.networks.Flow(lambda x: -x, 2, nz.White(1.0), scale=f),
    "Map": lambda f: nz.networks.Map(f, 2),
    "correlations": lambda f: nz.correlations(f, 0.5, nz.Frozen(1.0)),
    "mean_field": lambda f: nz.theory.mean_field(f, 0.5),
}


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize("fault", FUNCTIONS)
def test_functions_of_users_are_tried_when_they_are_passed(holder, fault):
    function, message = FUNCTIONS[fault]
    with pytest.raises(REFUSED, match=message) as caught:
        HOLDERS[holder](function)
    assert "\n" not in str(caught.value)


def test_the_trial_of_a_function_computes_nothing():
    calls = []

    def counted(x):
        calls.append(x)
        return jnp.tanh(x)

    try_function(counted, "activation", (3,), returns=(3,))
    assert len(calls) == 1
    assert not isinstance(calls[0], np.ndarray)


def test_gamma_is_a_function_of_time():
    network = nz.RateNetwork(W)
    assert nz.Onsager(network, lambda t: jnp.sin(t)).gamma_at(0.0) == 0
    for wrong in (np.sin, lambda t: jnp.ones(2) * t, lambda t: [t]):
        with pytest.raises(REFUSED, match="gamma"):
            nz.Onsager(network, wrong)


def test_inputs_that_are_functions_of_time_may_use_numpy():
    network = nz.RateNetwork(W)
    one = nz.simulate(network, duration=1, dt=0.1, inputs=np.sin, key=0, start=0.0)
    assert one.final.equals(nz.simulate(network, duration=1, dt=0.1, inputs=jnp.sin, key=0, start=0.0).final)
    with pytest.raises(InputError, match=r"^inputs fail at time 0 \(ZeroDivisionError"):
        nz.simulate(network, duration=1, dt=0.1, inputs=lambda t: 1 / t, key=0)


@pytest.mark.slow
def test_covariances_of_several_runs_are_averaged():
    network = nz.RateNetwork(W, noise=nz.White(1.0))
    data = nz.simulate(network, duration=20, dt=0.1, probes=nz.Covariance(), runs=3, key=0)
    mean = data.covariance.mean("run").values
    assert nz.participation_dimension(data.covariance) == pytest.approx(nz.participation_dimension(mean))
    several = nz.simulate([network, network], duration=5, dt=0.1, probes=nz.Covariance(), runs=2, key=0)
    with pytest.raises(InputError, match=r"isel\(network=0\)"):
        nz.participation_dimension(several.covariance)


@pytest.mark.slow
def test_public_subpackages_are_attributes_in_a_new_process():
    names = "activations analysis codes information networks noise papers plots probes simulation studies study_files"
    code = f"import noisette as nz; [getattr(nz, n) for n in '{names} tasks theory training weights'.split()]"
    subprocess.run([sys.executable, "-c", code], check=True)

"""Compiler hints for XLA on CPUs: a time loop as one compiled function, and a computation kept out of fusion.

On a CPU, XLA executes a loop as a list of small programs that it starts one after another in every step; for vectors
of a few hundred numbers, starting them takes as long as running them. Loops below a certain size are compiled as a
single function instead. The metadata set here request the same for larger loops. They are hints: where XLA does not
support them, the result is the same and slower to compute.
"""

from collections.abc import Callable
from typing import Any

import jax

try:
    from jax.experimental.xla_metadata import set_xla_metadata
except ImportError:  # the hints affect speed only
    set_xla_metadata = None

COMPILED = {"xla_cpu_small_call": "true", "inlineable": "false"}
SEPARATE = {"inlineable": "false"}
PLAIN = {"xla_cpu_small_call": "false", "inlineable": "true"}


def without_fusion(function: Callable[[Any], Any], argument: Any) -> Any:
    """Return ``function(argument)``, computed completely before its result is used.

    Otherwise XLA fuses everything that leads to one number into one scalar loop. Random numbers take some hundred
    operations each; in such a loop they are no longer vectorised and take ten times as long.
    """
    if set_xla_metadata is None or jax.default_backend() != "cpu":
        return function(argument)
    with set_xla_metadata(**SEPARATE):
        return jax.jit(function)(argument)


def compiled_scan(
    step: Callable[[Any, Any, Any], tuple[Any, Any]], constant: Any, init: Any, inputs: Any, reverse: bool = False
) -> tuple[Any, Any]:
    """Return ``jax.lax.scan`` of ``step(constant, carry, input)`` as one compiled function.

    Parameters
    ----------
    step : function that closes over no array; arrays that do not change are passed as `constant`
    constant : arrays that are the same in every step
    init : carry before the first step
    inputs : arrays with time as their first axis
    reverse : run from the last time to the first
    """

    def plain(constant, init, inputs):
        return jax.lax.scan(lambda carry, values: step(constant, carry, values), init, inputs, reverse=reverse)

    if set_xla_metadata is None or jax.default_backend() != "cpu":
        return plain(constant, init, inputs)
    metadata = set_xla_metadata

    @jax.custom_batching.sequential_vmap  # the weights of one network fit into the cache, those of several do not
    def single_function(constant, init, inputs):
        def inner(*arguments):
            with metadata(**PLAIN):
                return plain(*arguments)

        # The compiler of XLA fails at this metadata if an argument is a constant of the program. The barrier makes
        # every argument a parameter.
        arguments = jax.lax.optimization_barrier((constant, init, inputs))
        with metadata(**COMPILED):
            return jax.jit(inner)(*arguments)

    return single_function(constant, init, inputs)

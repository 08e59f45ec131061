"""A loop over time as one compiled function, where the machine would otherwise begin each operation of each step anew;
and work that is kept apart from what follows it.

On a CPU, XLA runs a loop as a list of small programs that it starts one after the other in every step; with vectors of
some hundred numbers, starting them takes as long as they do. It compiles loops below a certain size as a single
function instead. The mark that says so can be given from here, and is no more than advice: where it is not
understood, the loop is the same, and slower.
"""

from collections.abc import Callable
from typing import Any

import jax

try:
    from jax.experimental.xla_metadata import set_xla_metadata
except ImportError:  # it only saves time
    set_xla_metadata = None

WHOLE = {"xla_cpu_small_call": "true", "inlineable": "false"}
APART = {"inlineable": "false"}
PLAIN = {"xla_cpu_small_call": "false", "inlineable": "true"}


def apart(function: Callable[[Any], Any], given: Any) -> Any:
    """Return ``function(given)``, computed whole before anything that uses it.

    XLA would else put all that leads to a number into one loop over the numbers; random numbers, of some hundred
    operations each, are then no longer made several at once, and take ten times as long.
    """
    if set_xla_metadata is None or jax.default_backend() != "cpu":
        return function(given)
    with set_xla_metadata(**APART):
        return jax.jit(function)(given)


def loop(
    step: Callable[[Any, Any, Any], tuple[Any, Any]], constant: Any, init: Any, given: Any, reverse: bool = False
) -> tuple[Any, Any]:
    """Return ``jax.lax.scan`` of ``step(constant, carried, given)``, where `step` closes over no array."""

    def plain(constant, init, given):
        return jax.lax.scan(lambda carried, now: step(constant, carried, now), init, given, reverse=reverse)

    if set_xla_metadata is None or jax.default_backend() != "cpu":
        return plain(constant, init, given)
    mark = set_xla_metadata

    @jax.custom_batching.sequential_vmap  # side by side, they would leave the cache that one fits into
    def whole(constant, init, given):
        def inner(*arguments):
            with mark(**PLAIN):
                return plain(*arguments)

        # numbers that are part of the program, rather than given to it, end XLA's compiler at this mark
        arguments = jax.lax.optimization_barrier((constant, init, given))
        with mark(**WHOLE):
            return jax.jit(inner)(*arguments)

    return whole(constant, init, given)

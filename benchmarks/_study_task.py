"""The task of the benchmark of studies, in a file that brings nothing else into the workers."""

import time

TASK = 0.02  # s


def task(x: float) -> dict[str, float]:
    """Work for 20 ms by the clock, in JAX as a measure does."""
    import jax

    end = time.perf_counter() + TASK
    value = float(jax.random.normal(jax.random.key(int(x))))
    while time.perf_counter() < end:
        pass
    return {"y": x + value}

"""Task of the benchmark of studies, in a separate file so that workers import nothing else."""

import time

TASK = 0.02  # s


def task(x: float) -> dict[str, float]:
    """Draw a number with JAX, and compute for 20 ms of wall time."""
    import jax

    end = time.perf_counter() + TASK
    value = float(jax.random.normal(jax.random.key(int(x))))
    while time.perf_counter() < end:
        pass
    return {"y": x + value}

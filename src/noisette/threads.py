"""How many threads BLAS and XLA take in a process."""


def threads_of(count: int) -> dict[str, str]:
    """Return the environment in which BLAS and XLA have so many threads; it must stand before they are imported.

    Examples
    --------
    >>> threads_of(2)["OPENBLAS_NUM_THREADS"]
    '2'
    """
    names = ("NPROC", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
    return dict.fromkeys(names, str(count))  # NPROC is what the CPU client of JAX makes threads by

"""Environment variables for the number of threads of BLAS and XLA."""


def threads_of(count: int) -> dict[str, str]:
    """Return the environment variables that limit BLAS and XLA to a number of threads.

    They take effect only if they are set before the libraries are imported.

    Parameters
    ----------
    count : number of threads

    Examples
    --------
    >>> threads_of(2)["OPENBLAS_NUM_THREADS"]
    '2'
    """
    names = ("NPROC", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
    return dict.fromkeys(names, str(count))  # NPROC sets the number of threads of the CPU client of JAX

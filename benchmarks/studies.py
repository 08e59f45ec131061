"""Overhead of a study, which stores all results, compared with joblib and Dask, which do not store them.

python benchmarks/studies.py [--quick] [--blas 1] [--xla 1]
"""

from _harness import options, report


def main() -> None:
    quick = options(__doc__)
    from _study_rows import run  # imports NumPy and JAX, after the numbers of threads are fixed

    report(*run(quick))


if __name__ == "__main__":
    main()

"""What a study costs beyond its tasks, everything kept, beside joblib and Dask, which keep nothing.

python benchmarks/studies.py [--quick] [--blas 1] [--xla 1]
"""

from _harness import options, report


def main() -> None:
    quick = options(__doc__)
    from _study_rows import run  # only now that the threads are fixed may NumPy and JAX be imported

    report(*run(quick))


if __name__ == "__main__":
    main()

"""How fast Noisette predicts and simulates the statistics of correlations, against the loops a user would write.

python benchmarks/correlations.py [--quick] [--blas 1] [--xla 2]
"""

from _harness import options, report


def main() -> None:
    quick = options(__doc__)
    from _correlation_rows import run  # only now that the threads are fixed may NumPy and JAX be imported

    report(*run(quick))


if __name__ == "__main__":
    main()

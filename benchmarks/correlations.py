"""Speed of Noisette in predicting and simulating the statistics of correlations, compared with plain loops.

python benchmarks/correlations.py [--quick] [--blas 1] [--xla 2]
"""

from _harness import options, report


def main() -> None:
    quick = options(__doc__)
    from _correlation_rows import run  # imports NumPy and JAX, after the numbers of threads are fixed

    report(*run(quick))


if __name__ == "__main__":
    main()

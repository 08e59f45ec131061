"""Speed of Noisette in simulating rate networks with and without the Onsager term, compared with plain loops.

python benchmarks/freezing_chaos.py [--quick] [--blas 1] [--xla 2]
"""

from _harness import options, report


def main() -> None:
    quick = options(__doc__)
    from _chaos_rows import run  # imports NumPy and JAX, after the numbers of threads are fixed

    report(*run(quick))


if __name__ == "__main__":
    main()

"""How fast Noisette follows rate networks, frozen or not, against the loops a user would write.

python benchmarks/freezing_chaos.py [--quick] [--blas 1] [--xla 2]
"""

from _harness import options, report


def main() -> None:
    quick = options(__doc__)
    from _chaos_rows import run  # only now that the threads are fixed may NumPy and JAX be imported

    report(*run(quick))


if __name__ == "__main__":
    main()

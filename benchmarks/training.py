"""How fast Noisette trains networks in noise, against JAX and PyTorch as a user would write it.

python benchmarks/training.py [--quick] [--torch PYTHON]

PyTorch is asked in a process of its own, by another interpreter, so that it need not be installed beside Noisette.
"""

import argparse
from pathlib import Path

from _harness import environment, fix_threads, report

VENV = Path(__file__).resolve().parent / ".torch"
MAKE = (
    "python -m venv benchmarks/.torch",
    "benchmarks/.torch/bin/pip install torch --index-url https://download.pytorch.org/whl/cpu",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer rounds and widths, no whole training")
    parser.add_argument("--torch", type=Path, metavar="PYTHON", help=f"has torch; {VENV}/bin/python if it is there")
    chosen = parser.parse_args()
    fix_threads(blas=1, xla=1)  # a network fills a core
    print("\n".join(environment()), flush=True)
    torch = chosen.torch or VENV / "bin" / "python"
    if chosen.torch is None and not torch.exists():
        print("PyTorch is left out. To have it:", *MAKE, sep="\n  ", flush=True)
        torch = None
    from _training_rows import run  # only now that the threads are fixed may NumPy and JAX be imported

    report(*run(chosen.quick, torch))


if __name__ == "__main__":
    main()

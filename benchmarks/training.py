"""Speed of Noisette in training networks in noise, compared with plain JAX and PyTorch.

python benchmarks/training.py [--quick] [--torch PYTHON]

PyTorch runs in a separate process with its own interpreter, so that it need not be installed together with Noisette.
"""

import argparse
from pathlib import Path

from _harness import environment, fix_threads, report
from _peers_environments import default_folder

VENV = default_folder() / "torch"  # made by peers.py


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer rounds and widths, and no complete training")
    parser.add_argument(
        "--torch", type=Path, metavar="PYTHON", help=f"interpreter with torch (default: {VENV}/bin/python if it exists)"
    )
    chosen = parser.parse_args()
    fix_threads(blas=1, xla=1)  # a network uses a single core
    print("\n".join(environment()), flush=True)
    torch = chosen.torch or VENV / "bin" / "python"
    if chosen.torch is None and not torch.exists():
        print("PyTorch is not compared; `python benchmarks/peers.py --rows training` installs it", flush=True)
        torch = None
    from _training_rows import run  # imports NumPy and JAX, after the numbers of threads are fixed

    report(*run(chosen.quick, torch))


if __name__ == "__main__":
    main()

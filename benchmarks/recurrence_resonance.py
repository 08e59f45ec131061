"""Speed of Noisette in computing resonance curves and simulating binary networks, compared with plain loops.

python benchmarks/recurrence_resonance.py [--quick] [--blas 1] [--xla 2]
"""

import json
import subprocess
import sys
from pathlib import Path

from _harness import Row, duration, options, report, verdict


def large() -> tuple[Row, list[str]]:
    """Measure time and memory for N = 16 in a separate process, started before large modules are imported."""
    # a child process inherits the peak memory of its parent, so that NumPy and JAX must not be imported before
    child = [sys.executable, str(Path(__file__).with_name("_large.py"))]
    printed = subprocess.run(child, check=True, stdout=subprocess.PIPE, text=True).stdout
    result = json.loads(printed.splitlines()[-1])
    memory = result["peak"] / 1e9
    what = "H, I, D of N = 16, N_T = 10^4, Gaussian weights of std 10, r = 10: memory"
    ours = f"{memory:.2f} GB ({duration(result['warm'])})"
    dense = "34.4 GB, only the dense P"
    return Row(what, ours, dense, f"{34.36 / memory:.3g}", "< 1 GB", verdict(memory < 1)), [
        f"N = 16: first call {duration(result['first'])}; the imports take {result['before'] / 1e9:.2f} GB.",
        "N = 16 autapses (w = 10, r = 4) against their closed form, all 65536 probabilities: largest error "
        f"{result['error']:.1e}; H {result['entropy_error']:.1e} bit, I {result['information_error']:.1e} bit.",
    ]


def main() -> None:
    quick = options(__doc__)
    memory, remarks = large()
    from _rows import run  # imports NumPy and JAX, after the numbers of threads are fixed

    rows, notes, bounds = run(quick)
    report([*rows, memory], [*notes, *remarks], bounds)


if __name__ == "__main__":
    main()

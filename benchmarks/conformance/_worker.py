"""Process in the environment of a program: saves the states that a file's `simulate` returns.

python _worker.py FILE OUT DURATION DT SEED UNITS
"""

import runpy
import sys

import numpy as np

if __name__ == "__main__":
    file, out, duration, dt, seed, units = sys.argv[1:]
    sys.path.pop(0)  # this folder
    simulate = runpy.run_path(file, run_name="conformance_of_program")["simulate"]
    np.save(out, np.asarray(simulate(float(duration), float(dt), int(seed), int(units)), dtype=float))

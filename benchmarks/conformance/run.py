"""What σ means in other programs, and whether their noise passes `noise.conformance`: run, and store the results.

python benchmarks/conformance/run.py [--environments FOLDER] [--only FILE …]

An environment is made for each program with `venv` and `pip`; none is a dependency of Noisette. A program that cannot
be installed or run is named, and its stored results are kept. Results are in `docs/guide/noise_conformance.json`, from
which the table of the documentation is made.
"""

import argparse
import contextlib
import datetime
import hashlib
import json
import os
import platform
import runpy
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import Any

import numpy as np

import noisette as nz

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parents[1] / "docs" / "guide" / "noise_conformance.json"
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": "", "MPLBACKEND": "Agg"}
INSTALLATION_LIMIT, RUN_LIMIT = 1800, 900  # seconds
CLAIMS = ("sigma", "tau", "dt", "convention", "integrator", "capacitance")


def main() -> None:
    """Run all programs, or some of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    parser.add_argument("--environments", type=Path, default=cache / "noisette-conformance")
    parser.add_argument("--only", nargs="+", metavar="FILE", help="names of files in this folder, without .py")
    options = parser.parse_args()
    stored = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    files = [file for file in sorted(HERE.glob("*.py")) if file.name != "run.py" and not file.name.startswith("_")]
    for file in files:
        if options.only and file.stem not in options.only:
            continue
        try:
            stored[file.stem] = entry(file, options.environments)
        except (OSError, nz.InputError, subprocess.SubprocessError) as error:
            print(f"{file.stem}: not run: {reason(error)}", flush=True)
            continue
        RESULTS.write_text(json.dumps(stored, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        print(f"{file.stem}: {stored[file.stem]['failed'] or 'passes'}", flush=True)


def entry(file: Path, environments: Path) -> dict[str, Any]:
    """Return the results of a program, with its claim and the versions."""
    names = runpy.run_path(str(file), run_name="conformance_of_program")
    claim = {name: names[name.upper()] for name in CLAIMS if name.upper() in names}
    python = environment(environments, names["PACKAGES"])

    def simulate(duration: float, dt: float, seed: int, units: int) -> np.ndarray:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "states.npy"
            values = [str(value) for value in (file, out, duration, dt, seed, units)]
            variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
            subprocess.run(
                [str(python), str(HERE / "_worker.py"), *values],
                check=True,
                capture_output=True,
                text=True,
                timeout=RUN_LIMIT,
                cwd=folder,
                env=variables | ONE_THREAD | QUIET,
            )
            return np.load(out)

    table = nz.noise.conformance(simulate, **claim)
    rows = {
        str(test): {name: plain(table[name].sel(test=test).item()) for name in table.data_vars}
        for test in table.test.values
    }
    return {
        "program": names["PROGRAM"],
        "meaning": names["MEANING"],
        "claim": claim,
        "versions": versions(python, names["PACKAGES"]),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "sigma_ito": table.attrs["sigma_ito"],
        "agrees_with": table.attrs["agrees_with"],
        "failed": [test for test, row in rows.items() if row["verdict"] == "fail"],
        "tests": rows,
    }


def plain(value: Any) -> Any:
    """Return a number with six digits, a missing one as None."""
    if isinstance(value, str):
        return value
    return float(f"{value:.6g}") if np.isfinite(value) else None


def environment(folder: Path, packages: tuple[str, ...]) -> Path:
    """Return the interpreter of an environment with the packages, which is made if it is missing."""
    digest = hashlib.sha256(" ".join((platform.python_version(), *packages)).encode()).hexdigest()[:12]
    place = folder / f"{packages[0].partition('<')[0]}-{digest}"
    python = place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (place / "installed").exists():
        print(f"making the environment of {', '.join(packages)} in {place}", flush=True)
        venv.create(place, with_pip=True, clear=True)
        command = [str(python), "-m", "pip", "install", "--quiet", *packages]
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=INSTALLATION_LIMIT)
        (place / "installed").touch()
    return python


def versions(python: Path, packages: tuple[str, ...]) -> str:
    """Return the versions of the packages, and of Python."""
    program = "import platform, sys; from importlib.metadata import version as v; "
    program += "print(*(p + ' ' + v(p) for p in sys.argv[1:]), 'Python ' + platform.python_version(), sep=', ')"
    names = [package.partition("<")[0].partition("=")[0] for package in packages]
    done = subprocess.run([str(python), "-c", program, *names], check=True, capture_output=True, text=True, timeout=120)
    return done.stdout.strip()


def reason(error: Exception) -> str:
    """Return the last line of what a process printed, or the error in one line."""
    while not getattr(error, "stderr", None) and error.__cause__ is not None:
        error = error.__cause__
    lines = (getattr(error, "stderr", None) or str(error)).strip().splitlines()
    return lines[-1] if lines else type(error).__name__


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
    sys.exit(0)

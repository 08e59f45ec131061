"""Environments of the contenders, made with `venv` and `pip` in a folder; never dependencies of Noisette."""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import NamedTuple

CPU_WHEELS = "https://download.pytorch.org/whl/cpu"
PACKAGES = {  # NumPy, JAX and the limits of the machine use the environment of Noisette
    "numba": ("numba", "scipy", "numpy"),
    "torch": ("torch", "numpy"),
    "diffrax": ("diffrax", "joblib"),
    "brainpy": ("brainpy",),
    "reservoirpy": ("reservoirpy",),
    "lyapax": ("lyapax",),
}
HERE = Path(__file__).resolve().parent
INSTALLATION_LIMIT = 1200  # seconds


def default_folder() -> Path:
    """Return the folder of the environments: `noisette-peers` in the user's cache folder."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "noisette-peers"


class Place(NamedTuple):
    """Interpreter, script and environment variables of a contender; `environment` is empty for that of Noisette."""

    environment: str
    script: str
    variables: dict[str, str]


ONE_THREAD = {"NPROC": "1", "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false"}
TWO_BLAS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "2")
COMPILED = str(default_folder() / "numba" / "compiled")  # loops, which numba compiles once
PLACES = {
    "noisette": Place("", "_peer_noisette.py", {}),
    "noisette, one thread": Place("", "_peer_noisette.py", ONE_THREAD),
    "numpy": Place("", "_peer_numpy.py", {}),
    "numpy, two threads": Place("", "_peer_numpy.py", TWO_BLAS),
    "jax": Place("", "_peer_jax.py", {}),
    "limits": Place("", "_peer_limits.py", TWO_BLAS),
    "limits, one thread": Place("", "_peer_limits.py", ONE_THREAD),
    "numba": Place("numba", "_peer_numba.py", {"NUMBA_NUM_THREADS": "2", "NUMBA_CACHE_DIR": COMPILED}),
    "torch": Place("torch", "_peer_torch.py", {}),
    "diffrax": Place("diffrax", "_peer_diffrax.py", {}),
    "joblib": Place("diffrax", "_peer_joblib.py", {}),
    "brainpy": Place("brainpy", "_peer_brainpy.py", {}),
    "reservoirpy": Place("reservoirpy", "_peer_reservoirpy.py", {}),
    "lyapax": Place("lyapax", "_peer_lyapax.py", {}),
}


def interpreter(folder: Path, name: str) -> Path | str:
    """Return the interpreter of an environment."""
    if not name:
        return sys.executable
    return folder / name / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def prepare(folder: Path, names: set[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Make missing environments; return the versions of all, and the reasons for those that cannot be made."""
    versions, missing = {}, {}
    for name in sorted(names & set(PACKAGES)):
        try:
            _install(folder / name, name)
            versions[name] = _versions(folder, name)
        except (OSError, subprocess.SubprocessError) as error:
            missing[name] = _reason(error)
            print(f"not installed: {name}: {missing[name]}", flush=True)
    return versions, missing


def _install(place: Path, name: str) -> None:
    digest = hashlib.sha256(" ".join((sys.version, *PACKAGES[name])).encode()).hexdigest()
    done = place / "installed"
    if done.exists() and done.read_text() == digest:
        return
    print(f"making the environment of {name} in {place}", flush=True)
    venv.create(place, with_pip=True, clear=True)
    attempts = [[*PACKAGES[name]]]
    if name == "torch":  # wheels without CUDA are a tenth of the size, but need another index
        attempts.insert(0, [*PACKAGES[name], "--index-url", CPU_WHEELS])
    for number, packages in enumerate(attempts):
        limit = 60 if number + 1 < len(attempts) else INSTALLATION_LIMIT
        command = [str(interpreter(place.parent, name)), "-m", "pip", "install", "--quiet", *packages]
        options = ["--retries", "0", "--timeout", "10"] if number + 1 < len(attempts) else []
        try:
            subprocess.run(command + options, check=True, capture_output=True, text=True, timeout=limit)
            break
        except subprocess.SubprocessError:
            if number + 1 == len(attempts):
                raise
    done.write_text(digest)


def _versions(folder: Path, name: str) -> str:
    program = "import sys; from importlib.metadata import version as v; "
    program += "print(*(p + ' ' + v(p) for p in sys.argv[1:]), sep=', ')"
    command = [str(interpreter(folder, name)), "-c", program, *PACKAGES[name]]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout.strip()


def _reason(error: Exception) -> str:
    if isinstance(error, subprocess.TimeoutExpired):
        return f"no end of the installation within {error.timeout:g} s"
    lines = (getattr(error, "stderr", None) or str(error)).strip().splitlines()
    return next((line for line in lines if line.startswith("ERROR")), lines[-1] if lines else type(error).__name__)

"""Small valid files of every format that Noisette reads, and mutations of them."""

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

import h5py
import jax
import networkx as nx
import numpy as np
import scipy.sparse
import xarray as xr
from scipy.io import savemat

import noisette as nz

HDF5 = "hdf5"  # read in another process, which takes a hundred times as long as reading other files
WORDS = (
    *("inf", "-1", "0", "1e999", "nan", "''", "[]", "{}", "null", "true", "9**9**9", "1000000000", "[[]]", '"../x"'),
    *('"\\u0000"', '"white:"', '"gaussian:5"', '"a/b"', "2024-01-01", '"{"', '"{gain}"', '" "', "1:00", "0x7fffffff"),
)
STUDY = """name = "onset"
repeats = 2
where = "gain > 0.5"
shared = ["gain"]

[network]
kind = "rate"
weights = "gaussian:{size}"
noise = "white:0.1"
activation = "tanh"

[measure]
kind = "simulate"
duration = 1.0
dt = 0.1
probes = { Trace = { every = 5 } }

[grid]
size = [3, 4]
gain = { from = 0.5, to = 2.5, count = 3 }
"""


class Unpickled:
    """Object that a reader must never unpickle."""


def square(x: float) -> float:
    """Measure of the study whose folder is mutated."""
    return x**2


def weights_files(folder: Path) -> Iterator[Path]:
    """Write weight matrices in every format, and return the files."""
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(6, 6))
    sparse = scipy.sparse.csr_array(matrix * (rng.random((6, 6)) < 0.4))
    np.save(folder / "w.npy", matrix)
    np.save(folder / "pickled.npy", np.array([Unpickled()]), allow_pickle=True)
    np.savez(folder / "w.npz", w=matrix, tau=np.ones(6), ratio=np.array(Unpickled()))
    np.savez_compressed(folder / "c.npz", w=matrix)
    for kind in ("csr", "csc", "coo", "dia", "bsr"):
        scipy.sparse.save_npz(folder / f"{kind}.npz", sparse.asformat(kind))
    others = {"s": {"a": 1.0, "b": "x"}, "c": np.array(["a", 2.0], dtype=object), "text": "abc", "m": sparse}
    savemat(folder / "5.mat", {"w": matrix, "mask": matrix > 0, **others})
    savemat(folder / "5c.mat", {"w": matrix, **others}, do_compression=True)
    savemat(folder / "4.mat", {"w": matrix, "text": "abc", "m": sparse}, format="4")
    np.savetxt(folder / "w.csv", matrix, delimiter=",", header="a, b")
    np.savetxt(folder / "w.txt", matrix)
    names = [f"unit {n}" for n in range(6)]
    rows = [
        ",".join(["", *names]),
        *(",".join([name, *map(str, row)]) for name, row in zip(names, matrix, strict=True)),
    ]
    (folder / "labels.csv").write_text("\n".join(rows))
    (folder / "decimal.csv").write_text("sep=;\n0,5;1\n-1;0,2\n")
    (folder / "quoted.tsv").write_text('"x"\t"y"\n"0.5"\t"1"\n"-1"\t"0.2"\n')
    (folder / "edges.csv").write_text("source,target,weight\na,b,1.5\nb,a,-2\nc,a,0.5\n")
    nx.write_graphml(nx.from_numpy_array(matrix, create_using=nx.DiGraph), folder / "w.graphml")
    yield from sorted(folder.iterdir())


def hdf5_files(folder: Path) -> Iterator[Path]:
    """Write a weight matrix and a sparse one as MATLAB 7.3 does, and a result without checksum; return the files."""
    with h5py.File(folder / "7.mat", "w", userblock_size=512) as file:
        file["w"] = np.arange(9.0).reshape(3, 3)
        file["c"] = np.frombuffer("abc".encode("utf-16-le"), np.uint16)[None]
        file["c"].attrs["MATLAB_class"] = np.bytes_("char")
        group = file.create_group("s")
        group.attrs["MATLAB_sparse"] = np.uint64(3)
        group["data"], group["ir"], group["jc"] = np.array([1.5, 2.0]), np.array([0, 2]), np.array([0, 1, 1, 2])
    yield folder / "7.mat"
    xr.Dataset({"y": ("x", [1.0, 2.0])}, {"x": ["a", "b"]}).to_netcdf(folder / "other.nc", engine="h5netcdf")
    yield folder / "other.nc"


def network_files(folder: Path) -> Iterator[Path]:
    """Write trained networks of Noisette, of spikeRNN and of PsychRNN, and return the files."""
    network = nz.networks.TaskNetwork.random(5, noise_channels=2, key=jax.random.key(0))
    yield nz.training.save(network, folder / "noisette.npz", configuration={"task": "dms"}, losses=[1.0])
    yield nz.training.save(network, folder / "spikernn.mat")
    arrays = {
        "W_rec": np.eye(4),
        "W_in": np.ones((4, 2)),
        "W_out": np.ones((1, 4)),
        "b_rec": np.zeros(4),
        "b_out": [0.0],
    }
    np.savez(
        folder / "psychrnn.npz", **arrays, Dale_rec=np.eye(4), dale_ratio=np.array(None), init_state=np.ones((1, 4))
    )
    yield folder / "psychrnn.npz"


def study_files(folder: Path) -> Iterator[Path]:
    """Write a study file, and return it."""
    (folder / "study.toml").write_text(STUDY)
    yield folder / "study.toml"


def result_files(folder: Path) -> Iterator[Path]:
    """Write a result, and return the file."""
    network = nz.RateNetwork([[0.0, 1.0], [1.0, 0.0]], noise=nz.White(0.1))
    nz.studies.save(nz.simulate(network, duration=1, dt=0.1, probes=nz.Trace(), key=0), folder / "result.nc")
    yield folder / "result.nc"


def store_files(folder: Path) -> Iterator[Path]:
    """Run a small study in a folder, and return the files of the folder."""
    nz.Study("squares", square, {"x": [0, 1, 2, 3]}).run(store=folder / "store", notice=lambda text: None)
    yield from sorted(path for path in (folder / "store").rglob("*") if path.is_file() and path.stat().st_size > 0)


def mutated(content: bytes, other: bytes, chance: random.Random) -> bytes:
    """Return a mutant of the contents of a file; `other` is a file of the same kind, from which pieces are inserted."""
    mutant = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        kind = chance.randrange(8)
        place = chance.randrange(max(1, len(mutant)))
        length = chance.choice((1, 1, 2, 4, 8, 64))
        if kind <= 2 and mutant:  # a byte, or a bit of it
            mutant[place] = chance.randrange(256) if kind else mutant[place] ^ 1 << chance.randrange(8)
        elif kind == 3:
            del mutant[place:]
        elif kind == 4:
            mutant[place:place] = bytes(chance.randrange(256) for _ in range(length))
        elif kind == 5:
            start = chance.randrange(max(1, len(other)))
            mutant[place : place + length] = other[start : start + length]
        elif kind == 6:
            start = chance.randrange(max(1, len(mutant)))
            first, second = bytes(mutant[place : place + length]), bytes(mutant[start : start + length])
            mutant[place : place + len(first)], mutant[start : start + len(second)] = second, first
        else:
            mutant[place : place + length] = chance.choice((b"\0", b"\xff", b"\x80", b"\x7f")) * length
    return bytes(mutant)


def mutated_text(text: str, chance: random.Random) -> str:
    """Return a mutant of a text: words replaced, removed or exchanged, and lines removed, repeated or exchanged."""
    for _ in range(chance.choice((1, 1, 2, 3))):
        kind = chance.randrange(6)
        if kind <= 2:  # values and names
            tokens = list(re.finditer(r'"[^"\n]*"|[\w.-]+|[=\[\]{},:]', text))
            if not tokens:
                return text
            token = chance.choice(tokens)
            word = chance.choice((chance.choice(WORDS), chance.choice(tokens)[0], "", json.dumps(token[0])))
            text = text[: token.start()] + word + text[token.end() :]
        else:
            lines = text.splitlines(keepends=True) or [""]
            first, second = chance.randrange(len(lines)), chance.randrange(len(lines))
            if kind == 3:
                del lines[first]
            elif kind == 4:
                lines.insert(second, lines[first])
            else:
                lines[first], lines[second] = lines[second], lines[first]
            text = "".join(lines)
    return text

"""Program that copies the arrays of a `.mat` file of MATLAB 7.3 to standard output, as an `.npz` archive.

The library HDF5 can crash or hang on a damaged file; then this process ends, and not that of the user. It imports
nothing of Noisette, so that it starts fast. Arguments: the file, the limit of CPU time in seconds, the search path.
"""

import io
import json
import sys


def main() -> None:
    """Write the archive, whose member ``contents`` describes the others."""
    path, seconds, search = sys.argv[1:4]
    sys.path[:] = json.loads(search)
    import h5py
    import numpy as np

    _limit(float(seconds))
    arrays, contents = {}, []
    with open(path, "rb") as file:
        most = max(2**26, 1100 * file.seek(0, 2))  # bytes; damaged files may state sizes that fill the memory

    def add(dataset: object) -> str:
        assert isinstance(dataset, h5py.Dataset)
        if dataset.size * dataset.dtype.itemsize > most:
            raise ValueError(f"{dataset.name} has {dataset.size} values, more than the file can contain")
        name = f"array{len(arrays)}"
        arrays[name] = np.asarray(dataset)
        return name

    with h5py.File(path, "r") as archive:
        for name, item in archive.items():
            if name.startswith("#"):
                continue
            entry = {"name": name, "class": _text(item.attrs.get("MATLAB_class", ""))}
            if isinstance(item, h5py.Dataset) and item.dtype.kind in "biufc":
                entry |= {"empty": "MATLAB_empty" in item.attrs, "values": add(item)}
            elif isinstance(item, h5py.Group) and "jc" in item:
                entry["rows"] = int(np.asarray(item.attrs["MATLAB_sparse"]).ravel()[0])
                entry |= {part: add(item[part]) for part in ("ir", "jc", "data") if part in item}
            contents.append(entry)
    buffer = io.BytesIO()
    np.savez(buffer, contents=np.array(json.dumps(contents)), **arrays)
    sys.stdout.buffer.write(buffer.getvalue())


def _text(value: object) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _limit(seconds: float) -> None:
    """Limit the CPU time of this process, and write no core file."""
    try:
        import resource
    except ImportError:  # on Windows the time limit of the caller remains
        return
    used = int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2])) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (used + int(seconds), used + int(seconds) + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    try:
        main()
    except Exception as error:  # damaged files raise exceptions of many types
        sys.exit(str(error).partition("\n")[0] or type(error).__name__)

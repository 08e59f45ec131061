"""Program that copies the contents of an HDF5 file to standard output, in a form that can be read safely.

The library HDF5 can crash or hang on a damaged file; then this process ends, and not that of the user. It imports
nothing of Noisette, so that it starts fast. Arguments: the format, the file, the limit of CPU time in seconds, the
search path.
"""

import io
import json
import os
import sys


def main() -> None:
    """Write the contents: a new netCDF file, or for a file of MATLAB 7.3 an `.npz` archive."""
    kind, path, seconds, search = sys.argv[1:5]
    sys.path[:] = json.loads(search)
    most = max(2**26, 1100 * os.path.getsize(path))  # bytes; damaged files may state sizes that fill the memory
    sys.stdout.buffer.write({"matlab": matlab, "netcdf": netcdf}[kind](path, float(seconds), most))


def netcdf(path: str, seconds: float, most: int) -> memoryview:
    """Return the dataset of a netCDF file as a new file."""
    sys.modules["dask"] = None  # type: ignore[assignment]  # xarray would import it with 500 modules, for half the time
    import xarray as xr

    small = xr.Dataset({"number": 0.0}).to_netcdf(engine="h5netcdf")  # imports all modules, before the time is limited
    xr.open_dataset(io.BytesIO(small), engine="h5netcdf").close()
    _limit(seconds)
    with xr.open_dataset(path, engine="h5netcdf", create_default_indexes=False) as data:
        if data.nbytes > most:
            raise ValueError(f"it has {data.nbytes} bytes of data, more than the file can contain")
        return data.load().drop_encoding().to_netcdf(engine="h5netcdf")


def matlab(path: str, seconds: float, most: int) -> bytes:
    """Return the arrays of a file of MATLAB 7.3; the member ``contents`` describes the others."""
    import h5py
    import numpy as np

    _limit(seconds)
    arrays, contents = {}, []

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
    return buffer.getvalue()


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

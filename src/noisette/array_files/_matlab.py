"""Reading of `.mat` files of MATLAB 4 and 5.

Every size in the file is checked before it is used, so that a damaged file raises an exception. `scipy.io.loadmat`
ends the process for some of them.

References
----------
The MathWorks, MAT-File Format (R2024b).
"""

import math
import zlib

import numpy as np

from noisette.array_files._contents import Member, Sparse, Unreadable, compressed
from noisette.errors import require

ELEMENTS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
TEXTS = {1: "latin-1", 2: "latin-1", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}
CLASSES = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8"}
OTHERS = {1: "a cell array", 2: "a structure", 3: "an object", 16: "a function", 17: "an object", 18: "an object"}
MATRIX, COMPRESSED, CELL, STRUCTURE, CHAR, SPARSE = 14, 15, 1, 2, 4, 5
LOGICAL, COMPLEX = 0x200, 0x800
MATLAB4 = {0: "f8", 1: "f4", 2: "i4", 3: "i2", 4: "u2", 5: "u1"}
TRUNCATED = "it ends in the middle of an array"
MOST_DIMENSIONS = 32
DEEPEST = 50


def read_matlab(data: bytes) -> dict[str, Member]:
    """Return the variables of a file of MATLAB 4 or 5 by name; text is returned as arrays of strings.

    Raises
    ------
    InputError : a damaged file.

    Examples
    --------
    >>> import io, scipy.io
    >>> file = io.BytesIO()
    >>> scipy.io.savemat(file, {"w": [[0.0, 1.5]]})
    >>> read_matlab(file.getvalue())["w"]
    array([[0. , 1.5]])
    """
    if len(data) >= 128 and data[126:128] in (b"IM", b"MI"):
        return _Reader(memoryview(data), "<" if data[126:128] == b"IM" else ">").variables()
    require(len(data) >= 20 and 0 in data[:4], "it is no .mat file", "a file saved by MATLAB or scipy.io.savemat")
    return _matlab4(memoryview(data))


class _Reader:
    """Reader of the elements of a file of MATLAB 5."""

    def __init__(self, data: memoryview, order: str, depth: int = 0):
        require(depth <= DEEPEST, f"it contains arrays nested more than {DEEPEST} times", "a complete file")
        self.data, self.order, self.depth = data, order, depth

    def variables(self) -> dict[str, Member]:
        """Return the variables of a file by name."""
        variables: dict[str, Member] = {}
        place = 128
        while place < len(self.data):
            kind, body, place = self.element(place, padded=False)
            if kind == COMPRESSED:
                inner = _Reader(memoryview(_inflated(body)), self.order)
                kind, body, _ = inner.element(0)
            require(kind == MATRIX, f"it contains an element of type {kind}", "arrays")
            name, value = _Reader(body, self.order).matrix()
            if name:
                variables[name] = value
        return variables

    def element(self, place: int, padded: bool = True) -> tuple[int, memoryview, int]:
        """Return the type and the data of the element at a place, and the place of the next."""
        require(place + 8 <= len(self.data), TRUNCATED, "a complete file")
        first, size = (int(n) for n in np.frombuffer(self.data[place : place + 8], f"{self.order}u4"))
        begin, after = place + 8, place + 8 + size
        if first >> 16:  # up to four bytes of data follow the type and the size in the same eight bytes
            first, size = first & 0xFFFF, first >> 16
            require(size <= 4, f"it contains a short element of {size} bytes", "at most 4")
            begin, after = place + 4, place + 8
        elif padded or first == MATRIX:
            after += -size % 8
        require(begin + size <= len(self.data), TRUNCATED, "a complete file")
        return first, self.data[begin : begin + size], after

    def numbers(self, place: int) -> tuple[np.ndarray, int]:
        """Return the numbers of the element at a place, and the place of the next."""
        kind, body, after = self.element(place)
        require(kind in ELEMENTS, f"it contains numbers of type {kind}", "types of MATLAB 5")
        return _numbers(body, self.order + ELEMENTS[kind]), after

    def matrix(self) -> tuple[str, Member]:
        """Return the name and the value of an array."""
        flags, place = self.numbers(0)
        require(flags.size == 2, "it contains an array without flags", "a complete file")
        kind, bits = int(flags[0]) & 0xFF, int(flags[0])
        if kind == 17:  # objects have no dimensions
            return _text(self.element(place)[1]), Unreadable("an object", True)
        sizes, place = self.numbers(place)
        _, name, place = self.element(place)
        if kind in OTHERS:
            self.check_members(kind, place)
            return _text(name), Unreadable(OTHERS[kind], True)
        shape = tuple(int(n) for n in sizes)
        valid = 2 <= len(shape) <= MOST_DIMENSIONS and min(shape) >= 0
        require(valid, f"it contains an array of shape {shape[:4]}", "two or more dimensions")
        if kind == CHAR:
            return _text(name), self.text(place, shape)
        if kind == SPARSE:
            return _text(name), self.sparse(place, shape, bits)
        require(kind in CLASSES, f"it contains an array of class {kind}", "classes of MATLAB 5")
        values, place = self.values(place, math.prod(shape), bits)
        kept = values.astype(bool) if bits & LOGICAL else values if bits & COMPLEX else values.astype(CLASSES[kind])
        return _text(name), kept.reshape(shape, order="F")

    def check_members(self, kind: int, place: int) -> None:
        """Raise if an array in a cell array, a structure or an object is damaged."""
        if kind not in (CELL, STRUCTURE):
            return
        for _ in range(0 if kind == CELL else 2):  # the names of the fields
            _, _, place = self.element(place)
        while place < len(self.data):
            inner, body, place = self.element(place)
            require(inner == MATRIX, f"it contains an element of type {inner}", "arrays")
            if len(body) > 0:  # an empty cell
                _Reader(body, self.order, self.depth + 1).matrix()

    def values(self, place: int, size: int, bits: int) -> tuple[np.ndarray, int]:
        """Return `size` real or complex numbers."""
        values, place = self.numbers(place)
        require(values.size == size, f"it contains {values.size} numbers for {size} places", "a complete file")
        if bits & COMPLEX:
            imaginary, place = self.numbers(place)
            require(
                imaginary.size == size, f"it contains {imaginary.size} numbers for {size} places", "a complete file"
            )
            return values + 1j * imaginary, place
        return values, place

    def sparse(self, place: int, shape: tuple[int, ...], bits: int) -> Sparse:
        """Return a sparse matrix, which is stored in compressed columns."""
        require(len(shape) == 2, f"it contains a sparse matrix of shape {shape[:4]}", "two dimensions")
        rows, place = self.numbers(place)
        columns, place = self.numbers(place)
        data, place = self.numbers(place)
        if bits & COMPLEX:
            data = data + 1j * self.numbers(place)[0]
        number = min(rows.size, data.size)
        kept = data.astype(bool) if bits & LOGICAL else data
        return compressed(kept[:number], rows[:number], columns, (shape[0], shape[1]), 1)

    def text(self, place: int, shape: tuple[int, ...]) -> np.ndarray:
        """Return the rows of a matrix of characters as strings."""
        kind, body, _ = self.element(place)
        require(kind in TEXTS, f"it contains text of type {kind}", "types of MATLAB 5")
        wide = {"utf-16": "-le" if self.order == "<" else "-be", "utf-32": "-le" if self.order == "<" else "-be"}
        letters = bytes(body).decode(TEXTS[kind] + wide.get(TEXTS[kind], ""), "replace")
        if len(shape) != 2 or len(letters) != math.prod(shape) or shape[0] <= 1:
            return np.array([letters] if letters else [], dtype=str)
        return np.array(["".join(letters[row :: shape[0]]) for row in range(shape[0])])


def _numbers(body: memoryview, kind: str) -> np.ndarray:
    """Return bytes as numbers in the byte order of this machine."""
    require(len(body) % np.dtype(kind).itemsize == 0, "it contains half a number", "a complete file")
    values = np.frombuffer(body, kind)
    return values.astype(values.dtype.newbyteorder("="))


def _inflated(body: memoryview) -> bytes:
    """Return the decompressed data of an element."""
    decompressor = zlib.decompressobj()
    try:
        data = decompressor.decompress(body)
    except zlib.error as error:
        require(False, f"it contains damaged compressed data ({error})", "a complete file")
        raise
    require(decompressor.eof, TRUNCATED, "a complete file")
    return data


def _text(body: memoryview) -> str:
    return bytes(body).decode("latin-1").rstrip("\0")


def _matlab4(data: memoryview) -> dict[str, Member]:
    """Return the variables of a file of MATLAB 4."""
    variables: dict[str, Member] = {}
    place = 0
    while place < len(data):
        require(place + 20 <= len(data), TRUNCATED, "a complete file")
        order = "<" if 0 <= int.from_bytes(data[place : place + 4], "little") < 5000 else ">"
        kind, rows, columns, is_complex, length = (
            int(n) for n in np.frombuffer(data[place : place + 20], f"{order}i4")
        )
        digits = kind // 10 % 10, kind % 10
        valid = 0 <= kind < 5000 and kind // 100 % 10 == 0 and digits[0] in MATLAB4 and digits[1] in (0, 1, 2)
        valid = valid and min(rows, columns) >= 0 and 0 < length <= 1024 and is_complex in (0, 1)
        require(valid, "it is no .mat file", "a file saved by MATLAB or scipy.io.savemat")
        size = rows * columns * np.dtype(MATLAB4[digits[0]]).itemsize
        begin = place + 20 + length
        place = begin + (1 + is_complex) * size
        require(place <= len(data), TRUNCATED, "a complete file")
        values = _numbers(data[begin : begin + size], order + MATLAB4[digits[0]])
        if is_complex:
            values = values + 1j * _numbers(data[begin + size : place], order + MATLAB4[digits[0]])
        matrix = values.reshape((rows, columns), order="F")
        variables[_text(data[begin - length : begin])] = _matlab4_value(matrix, digits[1])
    return variables


def _matlab4_value(matrix: np.ndarray, kind: int) -> Member:
    """Return the value of a variable of MATLAB 4: numbers (0), text (1) or a sparse matrix (2)."""
    if kind == 1:
        codes = np.nan_to_num(np.real(matrix)).clip(0, 255).astype(np.uint8)
        return np.array([bytes(row).decode("latin-1") for row in codes])
    if kind == 0:
        return matrix
    valid = matrix.shape[0] > 0 and matrix.shape[1] in (3, 4) and bool(np.isfinite(matrix).all())
    require(
        valid and bool((np.abs(matrix[:, :2]) < 2**53).all()), "it contains a damaged sparse matrix", "a complete file"
    )
    indices = np.real(matrix[:, :2]).astype(np.int64)
    values = matrix[:-1, 2] + (1j * matrix[:-1, 3] if matrix.shape[1] == 4 else 0)
    shape = int(indices[-1, 0]), int(indices[-1, 1])
    require(min(shape) >= 0, "it contains a damaged sparse matrix", "a complete file")
    return Sparse(indices[:-1, 0] - 1, indices[:-1, 1] - 1, values, shape)

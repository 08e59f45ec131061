import h5py
import numpy as np
import pytest
from scipy.io import savemat

from noisette.errors import InputError
from noisette.registry import words
from noisette.weights import ensemble, from_string, load

MATRIX = np.array([[0.0, 1.5, -2.0], [3.0, 0.25, 1.0], [0.5, -0.5, 2.0]])


@pytest.mark.parametrize("suffix", ["npy", "npz", "csv", "txt", "mat", "hdf5"])
def test_every_format_gives_the_matrix_back(tmp_path, suffix):
    path = tmp_path / f"w.{'mat' if suffix == 'hdf5' else suffix}"
    if suffix == "npy":
        np.save(path, MATRIX)
    elif suffix == "npz":
        np.savez(path, w=MATRIX, taus=np.ones(4))
    elif suffix in ("csv", "txt"):
        np.savetxt(path, MATRIX, delimiter="," if suffix == "csv" else " ")
    elif suffix == "mat":
        savemat(path, {"w": MATRIX, "N": 3.0})
    else:  # MATLAB 7.3 stores arrays transposed
        with h5py.File(path, "w") as file:
            file["w"] = MATRIX.T
            file["taus"] = np.ones((1, 3))
    assert (load(path) == MATRIX).all()
    assert (from_string(str(path)) == MATRIX).all()


def test_a_matrix_is_chosen_by_name(tmp_path):
    path = tmp_path / "several.npz"
    np.savez(path, w=MATRIX, m=2 * MATRIX)
    assert (load(f"{path}:m") == 2 * MATRIX).all()
    with pytest.raises(InputError, match=r"2 square matrices \(w, m\).*:w"):
        load(path)
    with pytest.raises(InputError, match="no variable 'x'; it contains w, m"):
        load(f"{path}:x")
    mat = tmp_path / "several.mat"
    savemat(mat, {"w": MATRIX, "w_in": MATRIX + 1})
    assert (from_string(f"{mat}:w_in") == MATRIX + 1).all()


def test_separators_and_byte_order_marks_of_spreadsheets(tmp_path):
    path = tmp_path / "w.csv"
    path.write_bytes("\ufeff1;2\r\n3;4\r\n".encode())
    assert load(path).tolist() == [[1, 2], [3, 4]]


def test_unreadable_files_are_reported(tmp_path):
    pickled = tmp_path / "pickled.npy"
    np.save(pickled, np.array([[{}]]), allow_pickle=True)
    with pytest.raises(InputError, match=r"pickled.npy.*cannot be read"):
        load(pickled)
    garbage = tmp_path / "garbage.csv"
    garbage.write_text("a,b\nc,d\n")
    with pytest.raises(InputError, match=r"garbage.csv.*cannot be read"):
        load(garbage)
    ragged = tmp_path / "ragged.csv"
    ragged.write_text("1,2\n3\n")
    with pytest.raises(InputError, match=r"ragged.csv.*cannot be read"):
        load(ragged)
    broken = tmp_path / "broken.mat"
    broken.write_bytes(b"MATLAB? no")
    with pytest.raises(InputError, match=r"broken.mat.*cannot be read"):
        load(broken)
    with pytest.raises(InputError, match="does not exist"):
        load(tmp_path / "missing.npy")
    other = tmp_path / "w.xlsx"
    other.write_text("")
    with pytest.raises(InputError, match=r"has the suffix '.xlsx'; known suffixes are .npy"):
        load(other)


def test_files_of_invalid_contents_are_reported(tmp_path):
    for name, content, message in (
        ("wide.npy", np.ones((2, 3)), r"shape \(2, 3\)"),
        ("nan.npy", np.array([[np.nan]]), "NaN"),
        ("complex.npy", np.array([[1j]]), "complex"),
    ):
        np.save(tmp_path / name, content)
        with pytest.raises(InputError, match=message):
            load(tmp_path / name)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("autapses:10", 5),
        ("autapses:10:3", 3),
        ("hopfield:24,7:10", 5),
        ("nrooks:20", 5),
        ("nrooks:2:7:1", 7),
        ("gaussian:4", 4),
        ("gaussian:4:9", 4),
        ("normal:2:4", 4),
        ("normal:2:4:9", 4),
        ("ei:balanced:6:3", 6),
    ],
)
def test_words_give_matrices(text, shape):
    assert from_string(text).shape == (shape, shape)
    assert text.split(":")[0] in words("weights")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("hopfeld", "unknown weights 'hopfeld'.*weights are autapses:W.*did you mean hopfield:CODES:J"),
        ("autapses", "the form is autapses:W"),
        ("autapses:ten", "the form is autapses:W"),
        ("hopfield:24,7:10:5:9", "the form is hopfield:CODES"),
        ("hopfield:99:10", "codes run from 0 to 31"),
        ("nrooks:20:7", "nrooks:W:N:SEED"),
        ("nowhere.npy", "does not exist"),
        ("gaussian:4:1:2", "the form is gaussian:N"),
        ("gaussian:4.5", "the form is gaussian:N"),
        ("gaussian:4:x", "the form is gaussian:N"),
        ("gaussian:0", "size 0"),
        ("normal:4", "the form is normal:W:N"),
        ("normal:-1:4", "weight -1; zero or positive"),
        ("normal:inf:4", "weight inf"),
        ("ei:mixed:4", "cases are inhibitory"),
    ],
)
def test_invalid_names_are_explained(text, message):
    with pytest.raises(InputError, match=message):
        from_string(text)


@pytest.mark.parametrize("text", ["gaussian:6:3", "normal:2:6:3", "ei:balanced:6:3", "nrooks:2:6:3", "autapses:2:6"])
def test_a_word_is_the_first_matrix_of_its_ensemble(text):
    np.testing.assert_array_equal(from_string(text), ensemble(text)(0))
    np.testing.assert_array_equal(from_string(text, 7), from_string(text, 8))  # the seed of the word takes precedence
    drawn = text.split(":")[0] in ("gaussian", "normal", "ei")
    assert (ensemble(text)(0) != ensemble(text)(1)).any() == drawn


@pytest.mark.parametrize(("text", "std", "alone"), [("gaussian:300", 300**-0.5, False), ("normal:2:300", 2.0, True)])
def test_normal_weights_have_the_variance_that_their_word_states(text, std, alone):
    # 90 000 weights: the s.e. of their standard deviation is std/√180 000; 5 s.e., fixed seed
    matrix = from_string(text)
    off = matrix[~np.eye(300, dtype=bool)]
    assert off.std() == pytest.approx(std, rel=5 / 180_000**0.5)
    assert bool(matrix.diagonal().all()) == alone
    assert (from_string(text, 1) != from_string(text, 2)).sum() >= off.size

"""Reading of arrays from files: MATLAB, sparse matrices, tables in other dialects, edge lists and graphs."""

import io
from pathlib import Path

import h5py
import networkx as nx
import numpy as np
import pytest
import scipy.sparse
from hypothesis import given
from hypothesis import strategies as st
from scipy.io import loadmat, savemat

from noisette.array_files import mat_variables, read_array
from noisette.errors import InputError
from noisette.weights import load

FILES = Path(__file__).parent / "data" / "files"
COUNTING = [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
TWO = [[0.5, 1], [-1, 0.2]]
SPARSE = [[0, 1.5, 0], [0, 0, 2], [3, 0, 0]]


class Pickled:
    """Object whose unpickling fails a test."""

    def __reduce__(self):
        return pytest.fail, ("a member was unpickled",)


@pytest.mark.parametrize(
    ("name", "matrix"),
    [
        ("comment_with_comma.txt", COUNTING),
        ("semicolon_comment_with_comma.csv", COUNTING),
        ("one_pickled_member.npz:W_rec", COUNTING),
        ("scipy_sparse.npz", SPARSE),
        ("two_sparse.mat:A", SPARSE),
        ("sparse_73_beside_mask.mat", [[0, 1.5, 0], [0, 0, -2], [3, 0, 0]]),
        ("sparse_73_beside_mask.mat:W", [[0, 1.5, 0], [0, 0, -2], [3, 0, 0]]),
        *((f"dialect_{kind}.csv", TWO) for kind in ("excel", "names", "noindex", "pandas", "quoted", "r", "sep")),
        ("dialect_trailing.csv", TWO),
    ],
)
def test_files_of_other_programs_give_their_matrix(name, matrix):
    array = load(FILES / name)
    assert array.dtype == np.float64
    assert array.tolist() == matrix


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("one_pickled_member.npz", r"'dale_ratio': a pickled object.*arrays are W_rec, W_in; .*npz:W_rec"),
        ("one_pickled_member.npz:dale_ratio", "dale_ratio' is a pickled object"),
        ("two_sparse.mat", r"2 square matrices \(A, B\).*two_sparse.mat:A"),
        ("one_flipped_byte.mat", r"cannot be read \(it contains numbers of type 14604"),
        ("member_that_is_no_npy.npz", "'a': no array.*arrays are é"),
    ],
)
def test_files_without_a_certain_matrix_are_refused_in_one_line(name, message):
    with pytest.raises(InputError, match=message) as refused:
        load(f"{FILES / name}")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "matrix", "names"),
    [
        (",AVAL,AVAR\nAVAL,0.5,1\nAVAR,-1,0.2\n", TWO, ("AVAL", "AVAR")),
        ("neuron;a;b\na;0,5;1\nb;-1;0,2\n", TWO, ("a", "b")),
        ("a\tb\n0.5\t1\n-1\t0.2\n", TWO, ("a", "b")),
        ("x 0.5 1\ny -1 0.2\n", TWO, ("x", "y")),
        ('"unit, 1","unit # 2"\n0.5,1\n-1,0.2\n', TWO, ("unit, 1", "unit # 2")),
        ('"V1" "V2"\n"a" 0.5 1\n"b" -1 0.2\n', TWO, ("a", "b")),  # write.table of R
        ("# 1, 2\n% c\n0.5, 1 # a comment\n\n-1, 0.2\n", TWO, None),
        ("1,2\n0.5,1\n-1,0.2\n", TWO, None),
        ("0,0.5,1\n1,-1,0.2\n", TWO, None),
        ("id,a,b\n1,0.5,1\n2,-1,0.2\n", TWO, ("a", "b")),
        ("0,1\n1,0\n", [[0, 1], [1, 0]], None),  # a first row that counts is kept in a square matrix
        # source and target of the edges a → b and b → a
        ("source,target,weight\na,b,2\nb,a,-1\n", [[0, -1], [2, 0]], ("a", "b")),
        ("Weight;Target;Source\n0,5;2;1\n", [[0, 0], [0.5, 0]], None),
        ("source,target,weight\n10,9,2\n", [[0, 2], [0, 0]], ("9", "10")),
    ],
)
def test_dialects_of_tables(tmp_path, text, matrix, names):
    path = tmp_path / "w.csv"
    path.write_text(text, encoding="utf-8")
    array = load(path)
    assert array.tolist() == matrix
    assert getattr(array, "unit_names", None) == names


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2\n3,x\n", r"line 2, column 2 is 'x'; a number"),
        ("# c\n1,2\n3,\n", r"line 3, column 2 is empty; a number"),
        ("1,2\n3\n", r"1 cells in line 2, 2 in line 1"),
        ("0.5;1,5\n1;2\n", r"decimal commas, but line 1, column 1 is '0.5'"),
        ("0,5 1,5\n1,0 2,0\n", r"line 1, column 2 is '5 1' in a row of numbers"),
        ("1,234,5;2\n3;4\n", r"line 1, column 1 is '1,234,5'|labels"),
        (",a,b\nb,1,2\na,3,4\n", r"row 1 'b' and column 1 'a'.*sort both alike"),
        (",a,b\nx,1,2\ny,3,4\n", r"row 1 'x' and column 1 'a'.*correct the labels"),
        ("a,a\n1,2\n3,4\n", r"two units labelled 'a'"),
        ("source,target\na,b\n", r"columns source, target\b.*source, target and weight"),
        ("source,target,weight\na,b,1\na,b,2\n", r"two edges 'a' → 'b'"),
        ("source,target,weight\na,b,x\n", r"line 2, column 3 is 'x'"),
        ("1,2\n3,nan\n", r"NaN or infinite, the first in row 2, column 2"),
        ("# nothing\n", "it contains no numbers"),
        ("7,2\n3,4\n5,6\n", r"shape \(3, 2\)"),
        ("1,2,x\n3,4,5\n6,7,8\n", r"line 1, column 3 is 'x' in a row of numbers"),
        ('1,2\n"3,4\n', r"line 2 cannot be split"),
    ],
)
def test_doubtful_tables_are_refused_with_line_and_column(tmp_path, text, message):
    path = tmp_path / "w.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message) as refused:
        load(path)
    assert "\n" not in str(refused.value)
    assert "w.csv" in str(refused.value)


def test_a_first_row_that_counts_is_kept_where_no_square_matrix_is_expected(tmp_path):
    path = tmp_path / "channels.csv"
    path.write_text("0,1\n0.5,1\n-1,0.2\n")
    assert read_array(path, "channel weights", lambda array: array.ndim == 2, "matrices").shape == (3, 2)


@pytest.mark.parametrize("kind", ["csr", "csc", "coo", "dia", "bsr"])
def test_sparse_matrices_of_scipy(tmp_path, kind):
    rng = np.random.default_rng(0)
    matrix = rng.normal(size=(6, 6)) * (rng.random((6, 6)) < 0.4)
    path = tmp_path / "w.npz"
    scipy.sparse.save_npz(path, scipy.sparse.csr_array(matrix).asformat(kind))
    assert np.array_equal(load(path), matrix)


def test_a_sparse_matrix_that_exceeds_the_memory_is_refused(tmp_path):
    path = tmp_path / "w.npz"
    scipy.sparse.save_npz(path, scipy.sparse.coo_array(([1.0], ([0], [0])), shape=(10**7, 10**7)))
    with pytest.raises(InputError, match=r"takes 7.45e\+05 GiB; this machine has .* GiB"):
        load(path)


@given(
    st.sampled_from(["f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "?", "c16"]),
    st.tuples(*[st.integers(0, 4)] * 2),
    st.booleans(),
    st.integers(0, 2**31),
)
def test_matlab_files_are_read_as_by_scipy(kind, shape, compressed, seed):
    values = np.random.default_rng(seed).integers(0, 100, shape).astype(kind)
    sparse = scipy.sparse.csc_array(values.astype(complex if kind == "c16" else float))
    contents = {"w": values, "s": sparse, "text": "één", "inner": {"a": values, "b": "x"}}
    file = io.BytesIO()
    savemat(file, contents, do_compression=compressed)
    path = Path(file_of(file))
    ours, theirs = mat_variables(path), loadmat(io.BytesIO(file.getvalue()))
    path.unlink()
    assert np.array_equal(ours["w"], theirs["w"])
    assert ours["w"].dtype == values.dtype
    assert np.array_equal(ours["s"].dense(), theirs["s"].toarray())
    assert ours["text"].tolist() == theirs["text"].tolist()
    assert ours["inner"].reason == "a structure"


def file_of(content):
    """Return a temporary file with this content."""
    import tempfile

    with tempfile.NamedTemporaryFile(suffix=".mat", delete=False) as file:
        file.write(content.getvalue())
    return file.name


def test_matlab_4_files(tmp_path):
    path = tmp_path / "w.mat"
    savemat(path, {"w": np.array(TWO), "text": "abc", "s": scipy.sparse.csc_array(SPARSE)}, format="4")
    assert load(f"{path}:w").tolist() == TWO
    assert load(f"{path}:s").tolist() == SPARSE
    assert mat_variables(path)["text"].tolist() == ["abc"]


def test_logical_masks_are_chosen_only_by_name(tmp_path):
    path = tmp_path / "w.npz"
    np.savez(path, mask=np.eye(2, dtype=bool))
    with pytest.raises(InputError, match=r"0 square matrices .*besides logical masks: mask"):
        load(path)
    assert load(f"{path}:mask").tolist() == np.eye(2).tolist()


def test_members_are_never_unpickled(tmp_path):
    path = tmp_path / "w.npz"
    np.savez(path, w=np.eye(2), ratio=np.array(Pickled()))
    assert load(f"{path}:w").tolist() == np.eye(2).tolist()
    with pytest.raises(InputError, match="'ratio': a pickled object"):
        load(path)
    np.save(tmp_path / "w.npy", np.array([Pickled()]), allow_pickle=True)
    with pytest.raises(InputError, match="pickled objects"):
        load(tmp_path / "w.npy")


def test_the_raw_weights_of_a_trained_network_are_no_weight_matrix(tmp_path):
    path = tmp_path / "trained.npz"
    np.savez(path, weights=np.eye(3), signs=np.ones(3), logits=np.zeros(3))
    with pytest.raises(InputError, match=r"a trained network.*noisette.training.load"):
        load(path)
    assert load(f"{path}:weights").tolist() == np.eye(3).tolist()


@pytest.mark.parametrize("directed", [True, False])
def test_graphml(tmp_path, directed):
    graph = (nx.DiGraph if directed else nx.Graph)()
    graph.add_weighted_edges_from([("AVAL", "AVAR", 2.0), ("AVAR", "AVAR", -1.0)])
    path = tmp_path / "w.graphml"
    nx.write_graphml(graph, path)
    array = load(path)
    assert array.tolist() == [[0, 0 if directed else 2], [2, -1]]  # W[target, source]
    assert array.unit_names == ("AVAL", "AVAR")


def test_a_process_that_dies_while_it_reads_hdf5_does_not_end_this_one(tmp_path, monkeypatch):
    path = tmp_path / "w.mat"
    with h5py.File(path, "w") as file:
        file["w"] = np.eye(2)
    child = tmp_path / "child.py"
    monkeypatch.setattr("noisette.array_files._hdf5.CHILD", child)
    child.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)")
    with pytest.raises(InputError, match="the process that reads it ends with code -11"):
        load(path)
    monkeypatch.setattr("noisette.array_files._hdf5.FACTOR", 0.2)
    child.write_text("while True: pass")
    with pytest.raises(InputError, match="reading it takes too long"):
        load(path)


def test_a_damaged_hdf5_file_is_refused(tmp_path):
    path = tmp_path / "w.mat"
    with h5py.File(path, "w") as file:
        file["w"] = np.eye(2)
    path.write_bytes(path.read_bytes()[:600])
    with pytest.raises(InputError, match=r"w.mat.*cannot be read"):
        load(path)

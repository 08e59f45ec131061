"""Reading of numeric arrays from files: NumPy, MATLAB, text tables, lists of edges and graphs."""

from noisette.array_files._contents import Member, Sparse, Table, Unreadable
from noisette.array_files._graphs import graph_matrix
from noisette.array_files._hdf5 import SIGNATURE, read_in_child
from noisette.array_files._labels import LabelledMatrix, labelled, unit_names
from noisette.array_files._read import SUFFIXES, is_array_file, mat_variables, npz_members, read_array

__all__ = [
    "SIGNATURE",
    "SUFFIXES",
    "LabelledMatrix",
    "Member",
    "Sparse",
    "Table",
    "Unreadable",
    "graph_matrix",
    "is_array_file",
    "labelled",
    "mat_variables",
    "npz_members",
    "read_array",
    "read_in_child",
    "unit_names",
]

"""What y means beside X: the clean side of pairs, labels, or neither."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import torch
from numpy.testing import assert_array_equal
from scipy import sparse

from skae._rows.batches import Pairs
from skae._rows.pairs import clean_rows, is_without_noise

NAMES = ["a", "b", "c", "d"]
WHOLE = np.arange(12).reshape(3, 4)
X = WHOLE.astype(np.float32) + 0.5

CONTAINERS = {
    "list": np.ndarray.tolist,
    "uint8": lambda y: y.astype(np.uint8),
    "float64": lambda y: y.astype(np.float64),
    "float16": lambda y: y.astype(np.float16),
    "Fortran order": np.asfortranarray,
    "read-only": lambda y: np.broadcast_to(y, y.shape),
    "objects": lambda y: y.astype(object),
    "frame": pd.DataFrame,
    "frame of objects": lambda y: pd.DataFrame(y).astype(object),
    "nullable": lambda y: pd.DataFrame(y).astype("Int64"),
    "nullable floats": lambda y: pd.DataFrame(y).astype("Float32"),
    "arrow columns": lambda y: pd.DataFrame(y).astype("int64[pyarrow]"),
    "mixed columns": lambda y: pd.DataFrame(y).astype({0: "uint8", 1: "Int8", 2: "float64"}),
    "sparse frame": lambda y: pd.DataFrame.sparse.from_spmatrix(sparse.csr_array(y)),
    "polars": lambda y: pl.DataFrame(y, schema=NAMES),
    "arrow table": lambda y: pa.table(dict(zip(NAMES, y.T, strict=True))),
    "tensor": torch.from_numpy,
    **{format: getattr(sparse, f"{format}_array") for format in ("csr", "coo", "dia", "bsr")},
    "csc matrix": sparse.csc_matrix,
    "images": lambda y: y.reshape(3, 2, 2),
    "images with a channel": lambda y: y.reshape(3, 1, 2, 2),
    "list of images": lambda y: list(y.reshape(3, 2, 2)),
}

LABELS = {
    "nothing": None,
    "numbers": np.arange(3),
    "fractions": [0.1, 0.2, 0.3],
    "words": np.array(["a", "b", "c"]),
    "objects": np.array(["a", None, 3], dtype=object),
    "series": pd.Series(["a", "b", "c"], dtype="category"),
    "nullable series": pd.Series([1, None, 3], dtype="Int64"),
    "polars series": pl.Series(["a", "b", "c"]),
    "records": np.zeros(3, dtype=[("event", bool), ("time", float)]),
    "column": np.arange(3)[:, None],
    "column of words": pd.DataFrame({"species": ["a", "b", "c"]}),
    "sparse column": sparse.csr_array(np.ones((3, 1))),
}

NOT_USED = {
    "narrower": (np.ones((3, 3)), r"shape \(3, 3\) is not used: .* as X, of shape \(3, 4\)"),
    "wider": (np.ones((3, 5)), "selection of columns"),
    "wider frame": (pd.DataFrame(np.ones((3, 5)), columns=[*NAMES, "e"]), "selection of columns"),
    "on its side": (np.ones((4, 3)), r"shape \(4, 3\)"),
    "sparse": (sparse.csr_array(np.ones((3, 2))), r"shape \(3, 2\)"),
    "other images": (np.ones((3, 3, 3)), r"reshape\(len\(y\), -1\)"),
    "words": (np.full((3, 4), "a"), "be read as numbers .*could not convert string"),
    "words in a frame": (pd.DataFrame([list("abcd")] * 3, columns=NAMES), "read as numbers"),
    "complex numbers": (WHOLE + 1j, "Complex data not supported"),
    "names twice": (pd.DataFrame(WHOLE, columns=list("abcc")), "unique column names"),
    "ragged": ([[1], [1, 2], [1]], "not of one length"),
    "series of rows": (pd.Series(list(X)), r"sequences.*np\.stack\(y\)"),
    "lazy frame": (pl.LazyFrame({"a": [1, 2, 3]}), r"shape \(\)"),
    "mapping": ({"a": [1, 2, 3]}, r"shape \(\)"),
}


def described(cases):
    return pytest.mark.parametrize("case", cases, ids=cases)


class TestCleanRows:
    @described(CONTAINERS)
    def test_numbers_as_wide_as_X_are_clean_rows(self, case):
        values = clean_rows(X, CONTAINERS[case](WHOLE)).values
        assert values.dtype == X.dtype
        assert_array_equal(values.toarray() if sparse.issparse(values) else values, WHOLE)

    @pytest.mark.parametrize("dtype", [bool, "boolean", "bool[pyarrow]"])
    def test_booleans_are_numbers(self, dtype):
        y = pd.DataFrame(WHOLE > 5).astype(dtype)
        assert_array_equal(clean_rows(X, y).values, WHOLE > 5)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_clean_rows_have_the_dtype_of_X(self, dtype):
        assert clean_rows(X.astype(dtype), WHOLE).values.dtype == dtype

    def test_a_column_beside_a_column_is_its_clean_side(self):
        assert_array_equal(clean_rows(X[:, :1], WHOLE[:, :1]).values, WHOLE[:, :1])

    @described(LABELS)
    def test_one_value_a_row_is_a_label(self, case, recwarn):
        assert clean_rows(X, LABELS[case]) == (None, None)
        assert not recwarn

    @described(NOT_USED)
    def test_any_other_y_says_why_it_is_not_used(self, case):
        y, words = NOT_USED[case]
        values, unused = clean_rows(X, y)
        assert values is None
        with pytest.raises(ValueError, match=words):
            raise ValueError(unused)

    @pytest.mark.parametrize("images", [False, True])
    def test_clean_rows_of_another_length_are_refused(self, images):
        y = np.ones((2, 2, 2) if images else (2, 4))
        with pytest.raises(ValueError, match="inconsistent numbers of samples"):
            clean_rows(X, y)

    def test_the_cells_of_sparse_clean_rows_stay_as_they_are(self):
        y = sparse.csr_array(([1.0, 2.0, 3.0], [3, 0, 3], [0, 3, 3]), shape=(2, 4))
        for array in (y.data, y.indices, y.indptr):
            array.flags.writeable = False
        values, _ = clean_rows(np.zeros((2, 4)), y)
        assert values.toarray().tolist() == [[2, 0, 0, 4], [0, 0, 0, 0]]
        assert y.indices.tolist() == [3, 0, 3]

    def test_offsets_keep_their_digits_beside_rows_of_float32(self):
        y = np.array([[1e9 + 1, 0.0], [1e9 + 2, 1.0]])
        values, _ = clean_rows(np.zeros((2, 2), np.float32), y)
        assert values.tolist() == y.tolist()

    @pytest.mark.parametrize("gap", [np.nan, np.inf, -np.inf])
    @pytest.mark.parametrize("convert", [np.asarray, pd.DataFrame, sparse.csr_array])
    def test_clean_rows_with_a_gap_are_refused(self, gap, convert):
        y = WHOLE.astype(float)
        y[0, 0] = gap
        with (
            np.errstate(over="ignore"),
            pytest.raises(ValueError, match=r"y contains (NaN|inf).*clean side of pairs"),
        ):
            clean_rows(X, convert(y))

    @pytest.mark.parametrize("dtype", ["Int64", "Float32", "boolean", "int64[pyarrow]", object])
    def test_a_missing_value_is_a_gap(self, dtype):
        y = pd.DataFrame(WHOLE > 5).astype(dtype)
        y.iloc[1, 2] = None
        with pytest.raises(ValueError, match="y contains NaN"):
            clean_rows(X, y)

    def test_a_missing_value_among_objects_is_refused(self):
        y = pd.DataFrame(WHOLE).astype(object)
        y.iloc[1, 2] = pd.NA
        with pytest.raises(TypeError, match=r"a cell that is no number: .*NAType"):
            clean_rows(X, y)


class TestNames:
    @pytest.mark.parametrize("case", ["frame", "nullable", "sparse frame", "polars", "arrow table"])
    @pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 1, 0, 2]])
    def test_columns_are_aligned_by_name(self, case, order):
        y = CONTAINERS[case](WHOLE[:, order])
        names = [NAMES[k] for k in order]
        y = y.rename_columns(names) if case == "arrow table" else y
        if case != "arrow table":
            y.columns = names
        values = clean_rows(X, y, NAMES).values
        assert_array_equal(values.toarray() if sparse.issparse(values) else values, WHOLE)
        assert sparse.issparse(values) or values.flags.c_contiguous

    @pytest.mark.parametrize(
        ("columns", "words"),
        [
            (["a", "b", "c", "e"], "'e' in y, 'a', 'b', 'c', ... in X"),
            (["t1", "t2", "t3", "t4"], "'t1', 't2', 't3', ... in y.*FrozenEstimator"),
            (["a", "b", "d", "A"], r"'A' in y.*y\.to_numpy\(\)"),
            (["a", "b", "c", 4], "all input features have string names"),
        ],
    )
    def test_other_names_are_refused(self, columns, words):
        with pytest.raises((ValueError, TypeError), match=words):
            clean_rows(X, pd.DataFrame(WHOLE, columns=columns), NAMES)

    @pytest.mark.parametrize(
        ("columns", "names"),
        [(None, NAMES), (range(4), NAMES), (NAMES, None), (list("dcba"), None)],
    )
    def test_without_names_on_both_sides_columns_are_paired_by_position(self, columns, names):
        assert_array_equal(clean_rows(X, pd.DataFrame(WHOLE, columns=columns), names).values, WHOLE)

    def test_names_of_words_do_not_matter(self):
        y = pd.DataFrame([list("abcd")] * 3, columns=["t1", "t2", "t3", "t4"])
        assert "numbers" in clean_rows(X, y, NAMES).unused


class TestIsWithoutNoise:
    @pytest.mark.parametrize("dense", [(True, True), (True, False), (False, True), (False, False)])
    @pytest.mark.parametrize("cell", [None, (0, 0), (8999, 1)])
    def test_one_cell_is_noise_enough(self, dense, cell):
        sides = np.zeros((2, 9000, 2), np.float32)
        if cell is not None:
            sides[1][cell] = 1e-30
        kinds = (torch.from_numpy if is_dense else sparse.csr_array for is_dense in dense)
        source, target = (kind(side) for kind, side in zip(kinds, sides, strict=True))
        assert is_without_noise(Pairs(source, target)) == (cell is None)

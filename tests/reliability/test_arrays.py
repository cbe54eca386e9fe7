"""Whatever the array: finite output or a ValueError, and X as it was."""

import warnings

import numpy as np
import pandas as pd
import polars as pl
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_allclose, assert_array_equal
from scipy.sparse import csr_array
from sklearn.preprocessing import minmax_scale

from skae import AutoencoderTransformer, DenoisingAutoencoder

LARGE = {name: float(np.finfo(name).max) for name in ("float32", "float64")}


def elements(dtype):
    if dtype not in LARGE:
        return None
    top, width = LARGE[dtype], int(dtype[-2:])
    plain = st.floats(-10, 10, width=width)
    extreme = st.floats(-top, top, width=width, allow_subnormal=True)
    edges = st.sampled_from([top, -top, top / 2, 1e-40, -1e-45, 0.0, 1.0, 1e30, 1e19, -1e19])
    return st.one_of(plain, plain, extreme, edges.map(np.dtype(dtype).type))


@st.composite
def tables(draw):
    dtype = draw(st.sampled_from(["float32", "float64", "int64", "uint64", "int8", "bool"]))
    shape = draw(array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=12))
    fill = draw(st.sampled_from(["each", "constant", "one column constant"]))
    X = draw(arrays(dtype, shape, elements=elements(dtype)))
    if fill == "constant":
        X[:] = X[0, 0]
    elif fill == "one column constant":
        X[:, 0] = X[0, 0]
    return X


@st.composite
def models(draw):
    kind = draw(st.sampled_from([AutoencoderTransformer, DenoisingAutoencoder]))
    return kind(
        draw(st.sampled_from([1, 3, 20])),
        hidden_layer_sizes=draw(st.sampled_from([(), (4,)])),
        init=draw(st.sampled_from(["pca", "random"])),
        dtype=draw(st.sampled_from(["float32", "float64"])),
        batch_size=draw(st.sampled_from(["auto", 1, 2, 5])),
        validation_fraction=draw(st.sampled_from([0.1, 0.0])),
        max_iter=2,
        random_state=0,
    )


@given(X=tables(), model=models())
def test_finite_or_refused(X, model):
    before = X.copy()
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        # scikit-learn looks for what is not finite with a cast and a sum, where NumPy warns.
        warnings.filterwarnings("ignore", ".* encountered in (cast|reduce)")
        try:
            codes = model.fit(X).transform(X)
            results = codes, model.inverse_transform(codes), model.score_samples(X)
        except ValueError:
            results = ()
        else:
            assert codes.shape == (len(X), model.n_components)
            assert codes.dtype == model.dtype
    for result in results:
        assert np.isfinite(result).all()
    assert_array_equal(X, before, strict=True)


@st.composite
def tall_tables(draw):
    """As many rows as the closed form asks for, some far out, some equal, in any unit."""
    dtype = draw(st.sampled_from(["float32", "float64", "int64", "bool"]))
    shape = draw(st.integers(20, 60)), draw(st.integers(1, 6))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    X = rng.normal(size=shape) ** draw(st.sampled_from([1, 2, 5, 9]))
    X[: draw(st.integers(0, shape[0]))] = X[0]
    if dtype in LARGE:
        X *= 10.0 ** draw(st.sampled_from([-40, -20, -5, 0, 5, 15, 30]))
        X[0, 0] = draw(elements(dtype))
    with np.errstate(over="ignore", invalid="ignore"):
        return X.astype(dtype)


@given(
    X=tall_tables(), n_components=st.sampled_from([1, 2, 9]), dtype=st.sampled_from(sorted(LARGE))
)
def test_the_closed_form_is_finite_or_refused(X, n_components, dtype):
    model = AutoencoderTransformer(
        n_components, solver="ridge", dtype=dtype, max_iter=2, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        warnings.filterwarnings("ignore", ".* encountered in (cast|reduce)")
        try:
            codes = model.fit(X).transform(X)
            results = codes, model.inverse_transform(codes), np.array(model.loss_curve_)
        except ValueError:
            results = ()
    for result in results:
        assert np.isfinite(result).all()


@pytest.mark.parametrize("n_samples", [2, 3, 17, 33])
@pytest.mark.parametrize("n_features", [1, 2, 9])
def test_small_shapes(n_samples, n_features):
    X = np.random.default_rng(0).normal(size=(n_samples, n_features))
    model = AutoencoderTransformer(4, hidden_layer_sizes=(4,), batch_size=16, max_iter=2)
    assert np.isfinite(model.fit_transform(X)).all()


def memory_map(X, folder):
    np.save(folder / "X.npy", X)
    return np.load(folder / "X.npy", mmap_mode="r")


def read_only(X, folder):
    X = X.copy()
    X.flags.writeable = False
    return X


LAYOUTS = {
    "Fortran": lambda X, folder: np.asfortranarray(X),
    "negative stride": lambda X, folder: X[::-1].copy()[::-1],
    "read-only": read_only,
    "memory map": memory_map,
    "list": lambda X, folder: X.tolist(),
    "pandas": lambda X, folder: pd.DataFrame(X),
    "pandas, nullable": lambda X, folder: pd.DataFrame(X).convert_dtypes(),
    "pandas, Arrow": lambda X, folder: pd.DataFrame(X).astype("double[pyarrow]"),
    "polars": lambda X, folder: pl.DataFrame(X, schema=[f"c{i}" for i in range(X.shape[1])]),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", [AutoencoderTransformer, DenoisingAutoencoder])
def test_layouts_make_no_difference(layout, kind, X, tmp_path):
    whole = np.round(100 * X).astype(np.float64)
    model = kind(2, hidden_layer_sizes=(8,), max_iter=3, random_state=0)
    expected = model.fit(whole).transform(whole)
    rows = LAYOUTS[layout](whole, tmp_path)
    codes = np.asarray(model.fit(rows).transform(rows))
    assert_allclose(codes, expected, rtol=1e-5, atol=1e-5)


@pytest.fixture(
    params=[{"init": "random"}, {"init": "pca"}, {"init": "pca", "output_activation": "logistic"}],
    ids=str,
)
def saturating(request, X):
    """A model in whose networks, and at the end of one, a bad value need not show."""
    model = AutoencoderTransformer(
        2, hidden_layer_sizes=(4,), activation="tanh", max_iter=1, random_state=0, **request.param
    ).fit(minmax_scale(X).astype(np.float32))
    with torch.no_grad():
        model.module_.encoder[0].weight.abs_()
    return model


@pytest.mark.parametrize("method", ["transform", "reconstruct", "score_samples", "score"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("kind", [np.asarray, csr_array], ids=["dense", "sparse"])
def test_a_bad_value_is_refused_wherever_it_is(method, value, kind, saturating, X):
    rows = np.tile(X.astype(np.float32), (3, 1))
    rows[-1, 1] = value
    words = "Input X contains " + ("NaN" if np.isnan(value) else "infinity")
    with pytest.raises(ValueError, match=words):
        getattr(saturating, method)(kind(rows))


@pytest.mark.parametrize(
    "rows", [np.float32(1), np.ones(3, np.float32), np.ones((0, 8), np.float32),
             np.ones((2, 9), np.float32), np.ones((2, 8, 1), np.float32)], ids=np.shape,
)  # fmt: skip
def test_float32_rows_of_a_wrong_shape_are_refused(rows, saturating):
    with pytest.raises(ValueError, match=r"array|sample|features"):
        saturating.transform(np.asarray(rows))

"""What the displays draw: data, not pixels."""

import pickle
import subprocess
import sys
from unittest.mock import patch

import numpy as np
import pandas as pd
import polars as pl
import pytest
from matplotlib import pyplot
from numpy.testing import assert_allclose
from scipy import sparse
from sklearn.datasets import load_diabetes, load_digits
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, StandardScaler

from skae import AutoencoderTransformer, DenoisingAutoencoder, make_table_pipeline
from skae.plotting import (
    ComponentsCurveDisplay,
    DenoisingDisplay,
    LatentSpaceDisplay,
    LossCurveDisplay,
    ReconstructionDisplay,
)

X, Y = load_digits(return_X_y=True)
X, Y = X[:300] / 16, Y[:300]
NOISY = X + np.random.default_rng(0).normal(scale=0.3, size=X.shape)
QUICK = {"hidden_layer_sizes": (16,), "max_iter": 2, "random_state": 0}
TABLE, TABLE_Y = load_diabetes(return_X_y=True, as_frame=True)
NAMES = [f"pixel {number}" for number in range(64)]
CONTAINERS = {
    "list": np.ndarray.tolist,
    "pandas": lambda rows: pd.DataFrame(rows, columns=NAMES),
    "pandas, other index": lambda rows: pd.DataFrame(rows, range(len(rows), 0, -1), NAMES),
    "polars": lambda rows: pl.DataFrame(rows, schema=NAMES),
    "CSR": sparse.csr_array,
    "COO": sparse.coo_matrix,
    "float32": lambda rows: rows.astype(np.float32),
    "integers": lambda rows: np.rint(16 * rows).astype(np.int64),
}
"""What ``fit`` takes."""


@pytest.fixture(scope="module")
def model():
    return AutoencoderTransformer(2, **QUICK).fit(X)


@pytest.fixture(scope="module")
def denoiser():
    return DenoisingAutoencoder(16, noise_level=0.3, **QUICK).fit(X)


def interrupted(model):
    """Stopped by the user after the first epoch."""
    epochs = patch("skae._training.net.train_epoch", side_effect=[1.0, KeyboardInterrupt])
    with epochs, pytest.raises(KeyboardInterrupt):
        model.fit(X)
    return model


HISTORIES = {
    "fit": lambda model: model.fit(X),
    "partial_fit": lambda model: model.partial_fit(X),
    "partial_fit twice": lambda model: model.partial_fit(X).partial_fit(X),
    "fit, then partial_fit": lambda model: model.fit(X).partial_fit(X),
    "warm start": lambda model: model.set_params(warm_start=True).fit(X).fit(X),
    "warm start without held-out rows": lambda model: (
        model.set_params(warm_start=True).fit(X).set_params(validation_fraction=0).fit(X)
    ),
    "warm start with held-out rows, then partial_fit": lambda model: (
        model.set_params(warm_start=True, validation_fraction=0).fit(X)
        .set_params(validation_fraction=0.1).fit(X).partial_fit(X)
    ),
    "closed form": lambda model: model.set_params(solver="ridge").fit(X),
    "closed form, then partial_fit": lambda model: (
        model.set_params(solver="ridge").fit(X).partial_fit(X)
    ),
    "early stopping": lambda model: (
        model.set_params(early_stopping=True, n_iter_no_change=1, tol=9.0, max_iter=9).fit(X)
    ),
    "interrupted": interrupted,
    "read from a file": lambda model: pickle.loads(pickle.dumps(model.fit(X).partial_fit(X))),
}  # fmt: skip


def dense(rows):
    return rows.toarray() if sparse.issparse(rows) else np.asarray(rows)


def images(display):
    return [np.asarray(image.get_array()) for image in display.ax_.images]


def rows_of_labels(display):
    return [label.get_text() for label in display.ax_.get_yticklabels()]


class TestReconstruction:
    @pytest.mark.parametrize(
        ("n_components", "labels"),
        [(4, ["original", "code", "reconstruction"]), (5, ["original", "reconstruction"])],
    )
    def test_draws_rows_codes_and_reconstructions(self, n_components, labels):
        estimator = AutoencoderTransformer(n_components, **QUICK).fit(X)
        display = ReconstructionDisplay.from_estimator(estimator, X, n_images=3)
        assert rows_of_labels(display) == labels
        drawn = images(display)
        assert len(drawn) == 3 * len(labels)
        assert_allclose(drawn[1], X[1].reshape(8, 8))
        assert_allclose(drawn[-1], estimator.reconstruct(X[2:3]).reshape(8, 8), atol=1e-5)
        if n_components == 4:
            assert_allclose(drawn[3], estimator.transform(X[:1]).reshape(2, 2), atol=1e-5)

    def test_original_and_reconstruction_share_their_grey_scale(self, model):
        display = ReconstructionDisplay.from_estimator(model, X, n_images=2)
        limits = {image.get_clim() for image in display.ax_.images}
        assert limits == {(0.0, 1.0)}

    def test_colour_images(self):
        rows = np.random.default_rng(0).uniform(size=(50, 75))
        display = ReconstructionDisplay.from_estimator(
            PCA(2).fit(rows), rows, n_images=2, image_shape=(3, 5, 5)
        )
        assert images(display)[0].shape == (5, 5, 3)

    def test_frames(self):
        frame = pd.DataFrame(X).rename(columns=str)
        estimator = AutoencoderTransformer(4, **QUICK).fit(frame)
        display = ReconstructionDisplay.from_estimator(estimator, frame, n_images=2)
        assert_allclose(images(display)[0], X[0].reshape(8, 8))

    @pytest.mark.parametrize("image_shape", [(8, 9), (64,), (2, 4, 8)])
    def test_an_image_shape_that_does_not_fit(self, image_shape):
        with pytest.raises(ValueError, match=r"image_shape=.*height"):
            ReconstructionDisplay.from_estimator(PCA(2).fit(X), X, image_shape=image_shape)


class TestDenoising:
    def test_writes_the_psnr_over_each_image(self, denoiser):
        display = DenoisingDisplay.from_estimator(denoiser, NOISY, X, n_images=4)
        assert rows_of_labels(display) == ["clean", "corrupted", "denoised"]
        error = np.square(np.clip(NOISY[0], 0, 1) - X[0]).mean()
        assert display.psnr_corrupted_[0] == pytest.approx(-10 * np.log10(error))
        texts = [text.get_text() for text in display.ax_.texts]
        values = [*display.psnr_corrupted_, *display.psnr_denoised_]
        assert texts == [f"{value:.1f} dB" for value in values]
        assert_allclose(images(display)[4], NOISY[0].reshape(8, 8))
        assert_allclose(images(display)[8], denoiser.denoise(NOISY[:1]).reshape(8, 8), atol=1e-5)

    def test_psnr_does_not_depend_on_the_unit(self, denoiser):
        small = DenoisingDisplay(X[:5], NOISY[:5], X[:5], (8, 8), (0, 1)).plot()
        large = DenoisingDisplay(255 * X[:5], 255 * NOISY[:5], X[:5], (8, 8), (0, 255)).plot()
        assert_allclose(small.psnr_corrupted_, large.psnr_corrupted_)

    def test_an_image_without_noise_is_exact(self):
        display = DenoisingDisplay(X[:2], X[:2], NOISY[:2], (8, 8), (0, 16)).plot()
        assert [text.get_text() for text in display.ax_.texts[:2]] == ["exact", "exact"]

    def test_pca_can_be_drawn_too(self):
        display = DenoisingDisplay.from_estimator(PCA(4).fit(X), NOISY, X)
        assert display.psnr_denoised_.mean() > display.psnr_corrupted_.mean()

    def test_rows_in_the_wrong_order_are_noticed(self, denoiser):
        with pytest.warns(UserWarning, match="X are the noisy rows and y the clean ones, as in f"):
            DenoisingDisplay.from_estimator(denoiser, X, NOISY)


class TestTables:
    """Rows that are no images are drawn by their columns."""

    @pytest.mark.parametrize("pipeline", [False, True])
    def test_before_and_after(self, pipeline):
        model = AutoencoderTransformer(2, **QUICK)
        model = (make_pipeline(StandardScaler(), model) if pipeline else model).fit(TABLE)
        display = ReconstructionDisplay.from_estimator(model, TABLE, n_images=5)
        assert rows_of_labels(display) == ["before", "after"]
        names = [label.get_text() for label in display.ax_.get_xticklabels()]
        assert names == list(TABLE.columns)
        rows = TABLE.to_numpy()[:5]
        before, after = images(display)
        assert_allclose(before, (rows - rows.mean(0)) / rows.std(0))
        reconstruction = model.inverse_transform(model.transform(TABLE[:5]))
        assert_allclose(after, (reconstruction - rows.mean(0)) / rows.std(0), rtol=1e-4)

    @pytest.mark.filterwarnings("ignore::UserWarning")
    def test_words_are_drawn_as_the_numbers_that_the_first_step_makes_of_them(self):
        pytest.importorskip("skrub")
        frame = TABLE.assign(colour=np.where(TABLE["bmi"] > 0, "red", "blue"))
        model = make_table_pipeline(AutoencoderTransformer(2, **QUICK)).fit(frame)
        display = ReconstructionDisplay.from_estimator(model, frame, n_images=5)
        n_columns = len(model[0].get_feature_names_out())
        assert [image.shape for image in images(display)] == [(5, n_columns)] * 2
        curve = ComponentsCurveDisplay.from_estimator(model, frame, n_components=(1, 4))
        assert curve.errors[1] < curve.errors[0]

    def test_clean_corrupted_and_denoised(self):
        rows = TABLE.to_numpy()
        noisy = rows + np.random.default_rng(0).normal(scale=0.05, size=rows.shape)
        model = DenoisingAutoencoder(8, noise_level=0.05, **QUICK).fit(rows)
        display = DenoisingDisplay.from_estimator(model, noisy, rows, n_images=4)
        assert rows_of_labels(display) == ["clean", "corrupted", "denoised"]
        assert [image.shape for image in images(display)] == [(4, 10)] * 3

    def test_a_table_of_nine_columns_is_no_image(self):
        model = AutoencoderTransformer(2, **QUICK).fit(X[:, 20:29])
        display = ReconstructionDisplay.from_estimator(model, X[:, 20:29])
        assert rows_of_labels(display) == ["before", "after"]

    def test_many_columns_have_a_name_now_and_then(self):
        model = AutoencoderTransformer(2, **QUICK).fit(X[:, :63])
        display = ReconstructionDisplay.from_estimator(model, X[:, :63])
        assert 20 <= len(display.ax_.get_xticklabels()) <= 40


class TestLossCurve:
    def test_a_pipeline_shows_the_curve_of_its_autoencoder(self, model):
        pipeline = make_pipeline(MaxAbsScaler(), AutoencoderTransformer(2, **QUICK), PCA(1)).fit(X)
        display = LossCurveDisplay.from_estimator(pipeline)
        assert display.training == pipeline[1].loss_curve_

    def test_a_pipeline_without_an_autoencoder(self):
        with pytest.raises(
            ValueError, match="None of the steps of the Pipeline, maxabsscaler, pca"
        ):
            LossCurveDisplay.from_estimator(make_pipeline(MaxAbsScaler(), PCA(1)).fit(X))

    def test_draws_both_curves_and_the_kept_epoch(self, model):
        training, held_out, kept = LossCurveDisplay.from_estimator(model).ax_.lines
        assert_allclose(training.get_xydata(), np.c_[[1, 2], model.loss_curve_])
        curve = [model.initial_validation_loss_, *model.validation_loss_curve_]
        assert_allclose(held_out.get_xydata(), np.c_[[0, 1, 2], curve])
        assert_allclose(kept.get_xydata(), [[model.best_iter_, curve[model.best_iter_]]])

    def test_without_held_out_rows(self):
        estimator = AutoencoderTransformer(2, validation_fraction=0, **QUICK).fit(X)
        assert len(LossCurveDisplay.from_estimator(estimator).ax_.lines) == 1

    @pytest.mark.parametrize("history", HISTORIES)
    def test_every_way_to_a_fitted_model(self, history):
        estimator = HISTORIES[history](AutoencoderTransformer(2, **QUICK))
        display = LossCurveDisplay.from_estimator(estimator)
        training, *others = display.ax_.lines
        passes = np.arange(1, len(estimator.loss_curve_) + 1)
        assert_allclose(training.get_xydata(), np.c_[passes, estimator.loss_curve_])
        assert len(others) == (2 if hasattr(estimator, "validation_loss_curve_") else 0)
        if others:
            assert_allclose(others[1].get_xdata(), [estimator.best_iter_])
        assert training.get_marker() == ("o" if len(passes) == 1 else "None")

    def test_passes_since_the_last_held_out_loss_are_marked_on_the_training_curve(self):
        *_, kept = LossCurveDisplay([5.0, 4.0, 3.0], [6.0, 5.0, 4.5], 3).plot().ax_.lines
        assert_allclose(kept.get_xydata(), [[3, 3.0]])

    @pytest.mark.parametrize("validation", [[], [1.0]])
    def test_a_fit_that_was_interrupted_before_its_first_epoch(self, validation):
        ax = LossCurveDisplay([], validation, 0).plot().ax_
        assert len(ax.lines) == 2 * len(validation)
        assert (ax.get_legend() is None) == (not validation)

    @pytest.mark.parametrize(("low", "scale"), [(0.5, "linear"), (0.01, "log")])
    def test_scale_is_logarithmic_over_a_decade(self, low, scale):
        assert LossCurveDisplay([1.0, low], [], 2).plot().ax_.get_yscale() == scale


class TestLatentSpace:
    def test_points_by_label_and_decoded_images(self, model):
        display = LatentSpaceDisplay.from_estimator(model, X, Y, grid=4)
        points, decoded = display.ax_
        drawn = np.concatenate([part.get_offsets() for part in points.collections])
        assert_allclose(np.sort(drawn, axis=0), np.sort(display.codes, axis=0))
        labels = [text.get_text() for text in points.get_legend().get_texts()]
        assert labels == [str(digit) for digit in range(10)]
        mosaic = np.asarray(decoded.images[0].get_array())
        left, right, bottom, _ = display.bounds
        corner = model.inverse_transform([[left, bottom], [right, bottom]])
        assert_allclose(mosaic[-8:, :8], corner[0].reshape(8, 8), atol=1e-5)
        assert_allclose(mosaic[-8:, -8:], corner[1].reshape(8, 8), atol=1e-5)

    @pytest.mark.parametrize("y", [None, Y + 0.5, np.arange(300) % 25])
    def test_points_alone(self, model, y):
        display = LatentSpaceDisplay.from_estimator(model, X, y, grid=0)
        assert display.ax_.get_legend() is None
        assert_allclose(display.ax_.collections[0].get_offsets(), display.codes)

    @pytest.mark.parametrize("convert", [list, pd.Series, pl.Series, pd.Categorical])
    @pytest.mark.parametrize("y", [Y, np.array(["even", "odd"])[Y % 2]])
    def test_labels_of_any_kind(self, model, y, convert):
        display = LatentSpaceDisplay.from_estimator(model, X, convert(y.tolist()), grid=0)
        labels = [text.get_text() for text in display.ax_.get_legend().get_texts()]
        assert labels == [str(label) for label in np.unique(y)]

    @pytest.mark.parametrize(
        ("y", "n_grey"),
        [([None, *"ab" * 149, "a"], 1), (np.full(300, np.nan), 300), ([np.nan, *range(299)], 1)],
    )
    def test_rows_without_a_label_are_grey(self, model, y, n_grey):
        display = LatentSpaceDisplay.from_estimator(model, X, y, grid=0)
        grey, *others = display.ax_.collections
        assert grey.get_label() == "no label"
        assert len(grey.get_offsets()) == n_grey
        assert sum(len(part.get_offsets()) for part in others) == 300 - n_grey

    @pytest.mark.parametrize("y", [TABLE_Y, TABLE_Y.astype(int), TABLE_Y + 0.5])
    def test_a_table_with_a_quantity_is_a_map_of_points_in_its_colours(self, y):
        model = AutoencoderTransformer(2, **QUICK).fit(TABLE)
        display = LatentSpaceDisplay.from_estimator(model, TABLE, y)
        assert display.decoded is None
        assert_allclose(display.ax_.collections[0].get_array(), y)
        assert display.figure_.axes[-1].get_ylabel() == "y"

    def test_many_words_are_classes_in_their_order(self, model):
        y = np.array([f"class {number:02}" for number in np.arange(300) % 25])
        display = LatentSpaceDisplay.from_estimator(model, X, y, grid=0)
        assert_allclose(display.ax_.collections[0].get_array(), np.arange(300) % 25)
        assert display.figure_.axes[-1].get_ylabel() == "number of the class"

    def test_points_and_decoded_images_have_the_same_axes(self, model):
        points, decoded = LatentSpaceDisplay.from_estimator(model, X, Y, grid=4).ax_
        assert points.get_xlim() == decoded.get_xlim()
        assert points.get_ylim() == decoded.get_ylim()

    def test_labels_of_other_rows(self, model):
        with pytest.raises(ValueError, match=r"inconsistent numbers of samples: \[300, 5\]"):
            LatentSpaceDisplay.from_estimator(model, X, Y[:5], grid=0)

    def test_more_than_two_components(self):
        with pytest.raises(ValueError, match="these have 3: fit with n_components=2"):
            LatentSpaceDisplay.from_estimator(PCA(3).fit(X), X)


class TestComponentsCurve:
    def test_draws_the_errors_on_given_rows(self):
        estimator = AutoencoderTransformer(**QUICK)
        display = ComponentsCurveDisplay.from_estimator(
            estimator, X[:200], n_components=(2, 8), X_test=X[200:]
        )
        pca = PCA(8).fit(X[:200])
        error = np.square(pca.inverse_transform(pca.transform(X[200:])) - X[200:]).sum(1).mean()
        assert display.pca_errors[1] == pytest.approx(error)
        fitted = AutoencoderTransformer(8, **QUICK).fit(X[:200])
        assert display.errors[1] == pytest.approx(-fitted.score_samples(X[200:]).mean(), rel=1e-4)
        pca_line, line = display.ax_.lines
        assert_allclose(line.get_xydata(), np.c_[[2, 8], display.errors])
        assert_allclose(pca_line.get_xydata(), np.c_[[2, 8], display.pca_errors])
        assert not hasattr(estimator, "module_")

    def test_a_pipeline_is_measured_in_the_rows_that_its_autoencoder_has(self):
        scaled = make_pipeline(MaxAbsScaler(), AutoencoderTransformer(**QUICK), PCA(1))
        display = ComponentsCurveDisplay.from_estimator(
            scaled, X[:200], n_components=(2,), X_test=X[200:]
        )
        for first, errors in (
            (AutoencoderTransformer(2, **QUICK), display.errors),
            (PCA(2, random_state=0), display.pca_errors),
        ):
            scaler = MaxAbsScaler().fit(X[:200])
            train, test = scaler.transform(X[:200]), scaler.transform(X[200:])
            model = first.fit(train)
            back = model.inverse_transform(model.transform(test))
            assert errors[0] == pytest.approx(np.square(back - test).sum(1).mean(), rel=1e-6)

    def test_a_column_in_large_units_does_not_decide_alone(self):
        large = X[:, 1:9] * np.where(np.arange(8) == 3, 1e6, 1.0)
        curves = [
            ComponentsCurveDisplay.from_estimator(
                make_pipeline(StandardScaler(), PCA()), rows, n_components=(1, 2, 4)
            ).errors
            for rows in (X[:, 1:9], large)
        ]
        assert_allclose(curves[1], curves[0], rtol=1e-6)

    def test_default_sizes_are_those_that_the_table_allows(self):
        display = ComponentsCurveDisplay.from_estimator(AutoencoderTransformer(**QUICK), TABLE)
        assert list(display.n_components) == [2, 4, 8]

    def test_sizes_in_any_order_and_of_any_kind(self):
        display = ComponentsCurveDisplay.from_estimator(
            AutoencoderTransformer(**QUICK), X, n_components=np.array([8, 2])
        )
        _, line = display.ax_.lines
        assert_allclose(line.get_xydata(), np.c_[[2, 8], display.errors[::-1]])

    @pytest.mark.parametrize("sizes", [8, (), (0,), "auto"])
    def test_what_is_no_sequence_of_sizes(self, sizes):
        with pytest.raises(ValueError, match="'n_components' parameter of ComponentsCurveDisplay"):
            ComponentsCurveDisplay.from_estimator(PCA(), X, n_components=sizes)

    def test_a_size_that_pca_cannot_have(self):
        with pytest.raises(ValueError, match="n_components holds 65"):
            ComponentsCurveDisplay.from_estimator(PCA(), X, n_components=(2, 65))


DRAWN = {
    "reconstruction": lambda fitted, rows: (
        ReconstructionDisplay.from_estimator(
            fitted(AutoencoderTransformer), rows(X), n_images=2
        ).reconstructions
    ),
    "denoising": lambda fitted, rows: (
        DenoisingDisplay.from_estimator(
            fitted(DenoisingAutoencoder), rows(NOISY), rows(X), n_images=2
        ).denoised
    ),
    "latent space": lambda fitted, rows: (
        LatentSpaceDisplay.from_estimator(
            fitted(AutoencoderTransformer), rows(X), Y, grid=2
        ).decoded
    ),
}
"""What a display shows of a fitted model and its rows, whatever contains these."""

WRAPS = {"alone": lambda model: model, "pipeline": lambda m: make_pipeline(MaxAbsScaler(), m)}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("wrap", ["alone", pytest.param("pipeline", marks=pytest.mark.slow)])
@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("name", DRAWN)
def test_rows_are_whatever_fit_takes(name, container, wrap):
    convert, wrap = CONTAINERS[container], WRAPS[wrap]

    def drawn(rows):
        return DRAWN[name](lambda kind: wrap(kind(2, **QUICK)).fit(rows(X)), rows)

    expected = drawn(lambda rows: dense(convert(rows)))
    # The linear path of sparse rows is computed in another way.
    assert_allclose(drawn(convert), expected, atol=0.02)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("given", [{}, {"X_test": X[:50]}])
def test_curves_are_of_whatever_fit_takes(container, given):
    def errors(rows):
        estimator = AutoencoderTransformer(**QUICK).set_output(transform="pandas")
        test = {name: rows(value) for name, value in given.items()}
        display = ComponentsCurveDisplay.from_estimator(
            estimator, rows(X), n_components=[2], **test
        )
        return [*display.errors, *display.pca_errors]

    convert = CONTAINERS[container]
    assert_allclose(errors(convert), errors(lambda rows: dense(convert(rows))), rtol=1e-3)


@pytest.mark.parametrize(
    "draw",
    [
        lambda model, ax: ReconstructionDisplay.from_estimator(model, X, ax=ax),
        lambda model, ax: DenoisingDisplay.from_estimator(model, NOISY, X, ax=ax),
        lambda model, ax: LossCurveDisplay.from_estimator(model, ax=ax),
        lambda model, ax: LatentSpaceDisplay.from_estimator(model, X, grid=0, ax=ax),
    ],
)
def test_draws_where_it_is_told(model, draw):
    figure, ax = pyplot.subplots()
    display = draw(model, ax)
    assert display.ax_ is ax
    assert display.figure_ is figure
    assert pyplot.get_fignums() == [figure.number]


def test_wrong_number_of_axes(model):
    with pytest.raises(ValueError, match="holds 1 axes, but this display draws on 2"):
        LatentSpaceDisplay.from_estimator(model, X, grid=3, ax=pyplot.subplots()[1])


def test_an_estimator_that_is_not_fitted():
    with pytest.raises(NotFittedError):
        ReconstructionDisplay.from_estimator(AutoencoderTransformer(), X)


def test_import_needs_no_matplotlib():
    code = "import sys, skae.plotting._loss_curve; print('matplotlib' in sys.modules)"
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout
    assert output.strip() == "False"

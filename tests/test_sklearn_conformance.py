"""The front door: every check of scikit-learn, for every kind of model, with one excuse."""

import pytest
import torch
from sklearn.base import clone
from sklearn.utils import estimator_checks
from sklearn.utils.estimator_checks import parametrize_with_checks

from skae import (
    AutoencoderImputer,
    AutoencoderOutlierDetector,
    AutoencoderTransformer,
    DenoisingAutoencoder,
    OrderedAutoencoder,
    SupervisedAutoencoder,
)
from skae.architectures import ConvArchitecture
from skae.corruption import CORRUPTIONS, Gaussian


class TinyArchitecture:
    """An architecture as a user would write it, ending in an activation."""

    def __repr__(self):
        return "TinyArchitecture()"

    def build(self, n_features, n_components, generator):
        encoder = torch.nn.Sequential(
            torch.nn.utils.skip_init(torch.nn.Linear, n_features, n_components), torch.nn.Tanh()
        )
        decoder = torch.nn.utils.skip_init(torch.nn.Linear, n_components, n_features)
        for parameter in [*encoder.parameters(), *decoder.parameters()]:
            torch.nn.init.normal_(parameter, std=0.1, generator=generator)
        return encoder, decoder


class RowsAsImages(ConvArchitecture):
    """The convolutional architecture for whatever width a check comes with."""

    def __init__(self, upsampling="nearest"):
        super().__init__(channels=(4,), upsampling=upsampling)

    def build(self, n_features, n_components, generator):
        shape = (1, 1, n_features)
        return ConvArchitecture(shape, self.channels, upsampling=self.upsampling).build(
            n_features, n_components, generator
        )


QUICK = {"hidden_layer_sizes": (16,), "max_iter": 5}
WHOLE = "whole batches"
VARIANTS = {
    "default": AutoencoderTransformer(max_iter=5),
    "deep": AutoencoderTransformer(hidden_layer_sizes=(32, 16, 8), max_iter=5),
    "linear": AutoencoderTransformer(hidden_layer_sizes=(), activation="identity", max_iter=5),
    "float64": AutoencoderTransformer(dtype="float64", **QUICK),
    WHOLE: AutoencoderTransformer(
        dtype="float64", batch_size=100, learning_rate_init=1e-3, validation_fraction=0, **QUICK
    ),
    "closed form": AutoencoderTransformer(solver="ridge"),
    "closed form, float64": AutoencoderTransformer(
        solver="ridge", hidden_layer_sizes=(16,), dtype="float64", max_iter=3
    ),
    "custom": AutoencoderTransformer(architecture=TinyArchitecture(), max_iter=5),
    "random": AutoencoderTransformer(init="random", **QUICK),
    "convolutional": AutoencoderTransformer(architecture=RowsAsImages(), max_iter=5),
    "share": AutoencoderTransformer(0.9, max_iter=2),
    "ordered": OrderedAutoencoder(),
    "ordered, steps": OrderedAutoencoder(3, solver="adamw", **QUICK),
    "ordered, share": OrderedAutoencoder(0.9),
    "ordered, convolutional": OrderedAutoencoder(2, architecture=RowsAsImages(), max_iter=5),
    "ordered, custom": OrderedAutoencoder(architecture=TinyArchitecture(), max_iter=5),
    "outliers": AutoencoderOutlierDetector(),
    "outliers, share": AutoencoderOutlierDetector(contamination=0.1, n_references=20),
    "outliers, steps": AutoencoderOutlierDetector(2, solver="adamw", **QUICK),
    "outliers, convolutional": AutoencoderOutlierDetector(
        2, architecture=RowsAsImages(), max_iter=5
    ),
    "outliers, custom": AutoencoderOutlierDetector(2, architecture=TinyArchitecture(), max_iter=5),
    "supervised": SupervisedAutoencoder(**QUICK),
    "supervised, numbers": SupervisedAutoencoder(task="regression", **QUICK),
    "supervised, convolutional": SupervisedAutoencoder(architecture=RowsAsImages(), max_iter=5),
    "supervised, custom": SupervisedAutoencoder(
        task="regression", architecture=TinyArchitecture(), max_iter=5
    ),
    "imputer": AutoencoderImputer(hidden_layer_sizes=(8,), max_iter=2),
    "imputer, indicators": AutoencoderImputer(
        hidden_layer_sizes=(8,), max_iter=2, add_indicator=True
    ),
    "imputer, other mark": AutoencoderImputer(
        missing_values=-1, hidden_layer_sizes=(8,), max_iter=2
    ),
    "denoising, convolutional": DenoisingAutoencoder(
        architecture=RowsAsImages("transposed"), max_iter=5
    ),
    "denoising": DenoisingAutoencoder(max_iter=5),
    "denoising, no noise": DenoisingAutoencoder(noise=None, **QUICK),
    "denoising, object": DenoisingAutoencoder(noise=Gaussian((0.1, 0.5)), **QUICK),
    "denoising, random": DenoisingAutoencoder(init="random", **QUICK),
    **{f"denoising, {noise}": DenoisingAutoencoder(noise=noise, **QUICK) for noise in CORRUPTIONS},
}


def not_in_mini_batches(estimator):
    """Rows that are repeated come in other batches than one row with a weight.

    scikit-learn excuses its own MLPs for that. With all rows in one batch the check holds.
    """
    if estimator is VARIANTS[WHOLE]:
        return {}
    reason = "mini-batches of repeated rows are other batches than those of rows with weights"
    return {
        f"check_sample_weight_equivalence_on_{kind}_data": reason for kind in ("dense", "sparse")
    }


# Models that differ from others in a part that few checks reach.
RARE = {f"denoising, {noise}" for noise in CORRUPTIONS} | {
    "deep", "linear", "float64", "closed form, float64", "custom", "random", "share",
    "ordered, steps", "denoising, convolutional", "denoising, no noise", "denoising, random",
    "denoising, object", "ordered, share", "ordered, convolutional",
    "ordered, custom", "outliers, convolutional", "outliers, custom",
    "supervised, convolutional", "supervised, custom", "imputer, indicators", "imputer, other mark",
}  # fmt: skip


@parametrize_with_checks(
    [v for name, v in VARIANTS.items() if name not in RARE],
    expected_failed_checks=not_in_mini_batches,
)
def test_check_estimator(estimator, check):
    check(estimator)


@pytest.mark.slow
@parametrize_with_checks(
    [v for name, v in VARIANTS.items() if name in RARE],
    expected_failed_checks=not_in_mini_batches,
)
def test_check_estimator_of_rare_models(estimator, check):
    check(estimator)


VARIANT = pytest.mark.parametrize(
    "variant", [pytest.param(v, marks=pytest.mark.slow if v in RARE else ()) for v in VARIANTS]
)


@pytest.mark.parametrize(
    "variant",
    [
        pytest.param(v, marks=() if v in ("default", "denoising") else pytest.mark.slow)
        for v in VARIANTS
    ],
)
@pytest.mark.parametrize(
    "check_name", ["check_methods_subset_invariance", "check_methods_sample_order_invariance"]
)
def test_invariance_for_many_seeds(variant, check_name, monkeypatch):
    check = getattr(estimator_checks, check_name)
    estimator = clone(VARIANTS[variant]).set_params(max_iter=2)
    if "n_components" in estimator.get_params():
        estimator.set_params(n_components=1)
    for seed in range(25):
        # The checks set random_state to 1 themselves; here it is what varies.
        monkeypatch.setattr(
            estimator_checks, "set_random_state",
            lambda estimator, seed=seed: estimator.set_params(random_state=seed),
        )  # fmt: skip
        check(type(estimator).__name__, estimator)


@pytest.mark.parametrize(
    "check_name",
    [
        "check_set_output_transform",
        "check_set_output_transform_pandas",
        "check_set_output_transform_polars",
        "check_global_output_transform_pandas",
        "check_global_set_output_transform_polars",
        "check_transformer_get_feature_names_out",
        "check_transformer_get_feature_names_out_pandas",
        "check_dataframe_column_names_consistency",
        "check_inplace_ensure_writeable",
        "check_estimators_partial_fit_n_features",
    ],
)
@VARIANT
def test_checks_that_sklearn_runs_only_on_itself(variant, check_name):
    if variant == "imputer, other mark" and check_name == "check_inplace_ensure_writeable":
        pytest.skip("the check marks gaps with NaN, which is refused beside another mark")
    estimator = clone(VARIANTS[variant])
    getattr(estimator_checks, check_name)(type(estimator).__name__, estimator)

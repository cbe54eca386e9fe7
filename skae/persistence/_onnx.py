"""Fitted autoencoders as ONNX graphs, alone and inside the graph of a Pipeline."""

import copy
import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from sklearn.frozen import FrozenEstimator
from sklearn.utils.validation import check_is_fitted
from torch import nn

from skae._base.estimator import BaseAutoencoder
from skae._hidden import HiddenFeatures
from skae._version import __version__
from skae.architectures import hidden_units
from skae.persistence._classes import ESTIMATORS

OPSET = 20
"""The first opset of ONNX that has GELU."""

METHODS: dict[str, tuple[Callable, str, str]] = {
    "transform": (lambda module, x: module.encode(x), "X", "codes"),
    "reconstruct": (lambda module, x: module.reconstruct(x), "X", "reconstruction"),
    "inverse_transform": (lambda module, x: module.decode(x), "codes", "reconstruction"),
    "hidden_features": (hidden_units, "X", "features"),
    "score_samples": (lambda module, x: -module.outlyingness(x), "X", "scores"),
    "predict_proba": (lambda module, x: module.say(x).softmax(dim=1), "X", "probabilities"),
    "predict": (lambda module, x: module.say(x), "X", "numbers"),
}
"""For each method of an estimator what it does, and the names of what it takes and returns."""

OF_ONE_ESTIMATOR = {
    "score_samples": "AutoencoderOutlierDetector: compare X with the graph of part='reconstruct'",
    "predict_proba": "a SupervisedAutoencoder of classes",
    "predict": "a SupervisedAutoencoder of numbers: of classes, part='predict_proba' has the "
    "probabilities in the order of classes_",
}
"""Whose the methods are that not all estimators have, as an error says it."""


def to_onnx(estimator: BaseAutoencoder, part: str = "transform") -> Any:
    """Make an ONNX graph of one method of a fitted estimator.

    Parameters
    ----------
    estimator : object
        A fitted autoencoder. A user's architecture has to be one that ``torch.export`` can follow.
    part : {"transform", "reconstruct", "inverse_transform", "hidden_features", \
            "score_samples", "predict_proba", "predict"}, default="transform"
        The method. "reconstruct" is ``denoise`` for a denoiser; "score_samples" is for
        ``AutoencoderOutlierDetector``; "predict_proba" and "predict" are for
        ``SupervisedAutoencoder``, the one where it tells classes and the other where it tells
        numbers.

    Returns
    -------
    model : onnx.ModelProto
        Takes any number of float32 rows and returns float32 rows, also for an estimator of
        ``dtype="float64"``: ONNX Runtime has no GELU or convolution of float64. The input is
        named "X" or "codes", the output "codes", "reconstruction", "features", "scores",
        "probabilities" or "numbers"; probabilities are in the order of ``classes_``, and numbers
        have a column for each target.

    Raises
    ------
    ValueError
        If ``part`` is not one of these, or not one of this estimator's.
    NotFittedError
        If the estimator is not fitted.
    ModuleNotFoundError
        If the packages of ``pip install 'skae[onnx]'`` are missing.

    Examples
    --------
    >>> import numpy as np
    >>> import onnxruntime
    >>> from skae import AutoencoderTransformer
    >>> X = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    >>> model = AutoencoderTransformer(2, max_iter=1, random_state=0).fit(X)
    >>> session = onnxruntime.InferenceSession(to_onnx(model).SerializeToString())
    >>> (codes,) = session.run(["codes"], {"X": X})
    >>> bool(np.allclose(codes, model.transform(X), rtol=1e-4, atol=1e-5))
    True
    """
    if part not in METHODS:
        raise ValueError(
            f"The 'part' parameter must be one of {', '.join(map(repr, METHODS))}. Got {part!r} "
            "instead."
        )
    check_is_fitted(estimator)
    if not _has(estimator, part):
        raise ValueError(
            f"part={part!r} is not for this {type(estimator).__name__}, but for "
            f"{OF_ONE_ESTIMATOR[part]}."
        )
    if part == "predict":
        return _export(estimator, part, estimator.target_mean_, estimator.target_scale_)
    return _export(estimator, part)


def register_onnx_converters() -> None:
    """Teach skl2onnx our estimators, so that a Pipeline around one becomes one graph.

    One of ours stands for its ``transform`` there, ``HiddenFeatures`` as well. Calling it again
    changes nothing.

    Raises
    ------
    ModuleNotFoundError
        If the packages of ``pip install 'skae[onnx]'`` are missing.

    Examples
    --------
    >>> import numpy as np
    >>> import skl2onnx
    >>> from sklearn.pipeline import make_pipeline
    >>> from sklearn.preprocessing import StandardScaler
    >>> from skae import AutoencoderTransformer
    >>> X = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    >>> pipeline = make_pipeline(StandardScaler(), AutoencoderTransformer(2, max_iter=1)).fit(X)
    >>> register_onnx_converters()
    >>> len(skl2onnx.to_onnx(pipeline, X[:1]).graph.output)
    1
    """
    _require("skl2onnx")
    from skl2onnx import update_registered_converter

    for kind in (*ESTIMATORS.values(), HiddenFeatures):
        if issubclass(kind, BaseAutoencoder | HiddenFeatures):
            update_registered_converter(kind, f"Skae{kind.__name__}", _set_shape, _convert)


class _Part(nn.Module):
    """One method of an autoencoder as a module of its own, in the units of what it returns."""

    def __init__(self, module: nn.Module, method: Callable, mean: Any, scale: Any):
        super().__init__()
        self.module = module
        self.method = method
        self.mean, self.scale = (
            torch.as_tensor(value, dtype=torch.float32) for value in (mean, scale)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.method(self.module, x) * self.scale + self.mean


def _export(estimator: BaseAutoencoder, part: str, mean: Any = 0.0, scale: Any = 1.0) -> Any:
    """The graph of one method of a fitted estimator, times a scale and plus a mean."""
    _require("onnxscript")
    method, takes, returns = METHODS[part]
    n_codes = len(estimator.get_feature_names_out())
    width = n_codes if takes == "codes" else estimator.n_features_in_
    module = _Part(copy.deepcopy(estimator.module_).float(), method, mean, scale).eval()
    # The graph is float32 whatever the estimator is, and takes any number of rows.
    with _quiet():
        program = torch.onnx.export(
            module,
            (torch.zeros(2, width),),
            dynamo=True,
            opset_version=OPSET,
            dynamic_shapes=({0: torch.export.Dim("n")},),
            input_names=[takes],
            output_names=[returns],
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    model.producer_name, model.producer_version = "skae", __version__
    return model


def _has(estimator: BaseAutoencoder, part: str) -> bool:
    """Whether an estimator has a graph of this method."""
    if part == "score_samples":
        return hasattr(estimator.module_, "outlyingness")
    if part in ("predict", "predict_proba"):
        task = {"predict": "regression", "predict_proba": "classification"}[part]
        return getattr(estimator, "task", None) == task
    return True


def _graph_of_step(step: Any) -> Any:
    """The graph of ``transform``, of an autoencoder or of the hidden features of one."""
    if not isinstance(step, HiddenFeatures):
        return to_onnx(step)
    inner = step.estimator_
    inner = inner.estimator if isinstance(inner, FrozenEstimator) else inner
    return _export(inner, "hidden_features", scale=1 / step.scale_)


def _set_shape(operator: Any) -> None:
    from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType

    # The steps that follow expect the precision that the graph began with.
    is_double = isinstance(operator.inputs[0].type, DoubleTensorType)
    kind = DoubleTensorType if is_double else FloatTensorType
    operator.outputs[0].type = kind([None, len(operator.raw_operator.get_feature_names_out())])


def _convert(scope: Any, operator: Any, container: Any) -> None:
    """Copy the graph of ``transform`` into the container, under names of its own."""
    from onnx import TensorProto
    from onnx.compose import add_prefix_graph
    from skl2onnx.common.data_types import guess_proto_type

    if container.target_opset < OPSET:
        raise ValueError(
            f"skl2onnx was asked for opset {container.target_opset}, but an autoencoder needs "
            f"{OPSET}: set target_opset={OPSET}."
        )
    # Names of our own, since a Pipeline may hold two of ours.
    prefix = scope.get_unique_operator_name("skae") + "_"
    graph = add_prefix_graph(_graph_of_step(operator.raw_operator).graph, prefix)
    container.add_node(
        "Cast",
        operator.inputs[0].full_name,
        graph.input[0].name,
        op_version=13,
        name=prefix + "input",
        to=TensorProto.FLOAT,
    )
    container.initializers.extend(graph.initializer)
    container.nodes.extend(graph.node)
    container.node_domain_version_pair_sets.add(("", OPSET))
    container.add_node(
        "Cast",
        graph.output[0].name,
        operator.outputs[0].full_name,
        op_version=13,
        name=prefix + "output",
        to=guess_proto_type(operator.outputs[0].type),
    )


def _require(package: str) -> None:
    try:
        __import__(package)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"ONNX graphs need {error.name}: pip install 'skae[onnx]'", name=error.name
        ) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep torch's exporter from telling users of torchvision and of its own deprecations."""
    logger = logging.getLogger("torch.onnx._internal.exporter._registration")
    disabled, logger.disabled = logger.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.disabled = disabled

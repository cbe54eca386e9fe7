"""The state of an estimator as data alone, and the way back, which trusts nothing in it."""

import inspect
import warnings
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, NoReturn

import numpy as np
import torch
from sklearn.callback import FitCallback

from skae._checks import Check, has_method, integer, is_integer, is_real
from skae._version import __version__

FORMAT_VERSION = 4
"""Raised when what a state holds changes its meaning or its names."""

STATISTICS = {
    "mean": "source.mean",
    "scale": "source.scale",
    "target_mean": "target.mean",
    "target_scale": "target.scale",
}
"""Names of means and scales up to format 2, where they had the dtype of the networks."""


def _migrate_statistics(state: dict[str, Any]) -> dict[str, Any]:
    weights = state.get("weights")
    if not isinstance(weights, dict):
        return state
    renamed = {
        STATISTICS.get(name, name): np.asarray(array, np.float64) if name in STATISTICS else array
        for name, array in weights.items()
    }
    return {**state, "weights": renamed}


MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {
    1: lambda state: {"precision": "full", **state},
    2: _migrate_statistics,
    3: lambda state: {"whiten": True, **state},
}
"""From the number of an older format to what makes the next one of its states."""

DTYPES = ("float32", "float64", "int64", "int32", "uint8", "bool")
"""Those of a module's weights and buffers."""

RUNNING = ("_parent_callback_ctx", "_callback_fit_ctx", "_skl_callbacks_to_teardown")
"""Attributes that scikit-learn's callbacks have while a fit is running."""

NOT_SAVED = ("module_", "_optimizer", *RUNNING)
"""Attributes that are code, or belong to a fit that is running.

The module's weights are saved, the optimiser's moments are not.
"""


def get_state(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Describe an estimator by parameters, numbers and arrays.

    Parameters
    ----------
    attributes : mapping
        What the estimator's ``__dict__`` holds.

    Returns
    -------
    state : dict
        The attributes with the module's weights as arrays in place of the module, and the
        versions that wrote them.
    """
    state = {name: value for name, value in attributes.items() if name not in NOT_SAVED}
    state["_skae_version"] = __version__
    state["format_version"] = FORMAT_VERSION
    module = attributes.get("module_")
    if module is not None:
        state["weights"] = {name: t.cpu().numpy() for name, t in module.state_dict().items()}
        state["output_activation_"] = module.output_activation
    return state


def read_state(kind: type, family: type, state: Any) -> dict[str, Any]:
    """Check a state and make attributes of it.

    Parameters
    ----------
    kind : type
        Class of the estimator.
    family : type
        The class that it inherits its life from: no state hides what that class has. What a
        subclass adds is its own affair, as long as it is data.
    state : object
        What ``get_state`` returned, or anything else.

    Returns
    -------
    attributes : dict
        For the estimator's ``__dict__``. The arrays of weights are copied.

    Raises
    ------
    ValueError
        If the state is of a newer format, or its names, types, shapes or values cannot be those
        of such an estimator. Nothing is allocated before they are checked.
    """
    state = _migrate(kind, state)
    _check_names(kind, family, state)
    # Without weights it is an estimator that was not fitted.
    weights = state.pop("weights", None)
    if weights is None:
        return state
    # The sizes decide what all arrays have to be, so they come first.
    output_activation = state.pop("output_activation_", None)
    sizes = state.get("n_features_in_"), state.get("_n_features_out")
    if not all(is_integer(size) and size > 0 for size in sizes):
        _refuse(kind, f"(n_features_in_, n_components) are {sizes!r}")
    _check_fitted(kind, state, *sizes)
    # A code that was cut is that of a module with more columns.
    widths = sizes[0], state.get("max_components_", sizes[1])
    if output_activation not in ("identity", "logistic"):
        _refuse(kind, f"its output activation is {output_activation!r}")
    try:
        state["module_"] = kind._module_class.from_weights(  # type: ignore[attr-defined]
            state["architecture_"], *widths, _as_tensors(weights), output_activation
        )
    except Exception as error:
        raise ValueError(f"{_message(kind)}: its weights do not fit ({error}).") from error
    return state


def _migrate(kind: type, state: Any) -> dict[str, Any]:
    if not isinstance(state, dict) or "format_version" not in state:
        _refuse(kind, "it has no format_version")
    state = dict(state)
    version, written_by = state.pop("format_version"), state.pop("_skae_version", None)
    if not is_integer(version) or version < 1:
        _refuse(kind, f"its format_version is {version!r}")
    # A newer format may mean something else by the same names.
    if version > FORMAT_VERSION:
        raise ValueError(
            f"This {kind.__name__} was saved by skae {written_by} in format {version}; skae "
            f"{__version__} reads up to format {FORMAT_VERSION}. Upgrade skae to open it."
        )
    if written_by != __version__:
        warnings.warn(
            f"This {kind.__name__} was saved by skae {written_by} and is opened by skae "
            f"{__version__}. Its results may differ; fit it again where that matters.",
            UserWarning,
            stacklevel=4,
        )
    for older in range(version, FORMAT_VERSION):
        state = MIGRATIONS[older](state)
    return state


def _check_names(kind: type, family: type, state: dict[str, Any]) -> None:
    parameters = set(kind._get_param_names())  # type: ignore[attr-defined]
    # Every parameter is there, and nothing that would hide code of the class.
    missing = parameters - state.keys()
    if missing:
        _refuse(kind, f"the parameter {min(missing)!r} is missing")
    for name in state.keys() - parameters:
        if not isinstance(name, str) or name in NOT_SAVED or hasattr(family, name):
            _refuse(kind, f"{name!r} is not an attribute")
        if _is_code(inspect.getattr_static(kind, name, None)):
            _refuse(kind, f"{name!r} is a method, not an attribute")
    callbacks = state.get("_skl_callbacks", [])
    if not isinstance(callbacks, list) or not all(
        # A class has the methods of the protocol as well.
        isinstance(callback, FitCallback) and not isinstance(callback, type)
        for callback in callbacks
    ):
        _refuse(kind, f"its callbacks are {callbacks!r}")


def _is_code(attribute: Any) -> bool:
    """Whether an attribute of a class is more than a default that ``fit`` may replace."""
    if isinstance(attribute, cached_property):
        return False  # its value, once it is there, is data of the instance
    return callable(attribute) or hasattr(type(attribute), "__get__")


def _check_fitted(kind: type, state: dict[str, Any], n_features: int, n_components: int) -> None:
    def array(*shape: int) -> Check:
        return Check(
            lambda value: (
                isinstance(value, np.ndarray)
                and value.shape == shape
                and value.dtype.name in ("float32", "float64")
                and bool(np.isfinite(value).all())
            ),
            f"finite floats of shape {shape}",
        )

    def are_names(value: Any) -> bool:
        is_row = isinstance(value, np.ndarray) and value.shape == (n_features,)
        return is_row and all(isinstance(name, str) for name in value)

    def are_rows(value: Any) -> bool:
        # Source and target stand side by side where they are pairs.
        if not isinstance(value, np.ndarray) or value.ndim != 2:
            return False
        return any(array(len(value), width * n_features).accepts(value) for width in (1, 2))

    n_seen = len(state["_seen_rows"]) if are_rows(state.get("_seen_rows")) else 0
    losses = Check(
        lambda value: isinstance(value, list) and all(map(is_real, value)),
        "a list of finite numbers",
    )
    checks: dict[str, Check] = {
        "architecture_": has_method("build"),
        "n_iter_": integer(0),
        "best_iter_": integer(0),
        "loss_curve_": losses,
        "mean_": array(n_features),
        **kind._fitted_checks,  # type: ignore[attr-defined]
    }
    optional: dict[str, Check] = {
        "validation_loss_curve_": losses,
        "initial_validation_loss_": Check(is_real, "a finite number"),
        "components_": array(n_components, n_features),
        "explained_variance_": array(n_components),
        "explained_variance_ratio_": array(n_components),
        "_seen_rows": Check(are_rows, f"finite floats of {n_features} columns or twice as many"),
        "_seen_weights": array(n_seen),
        "feature_names_in_": Check(are_names, f"{n_features} strings"),
    }
    checks |= {name: check for name, check in optional.items() if name in state}
    for name, check in checks.items():
        if name not in state or not check.accepts(state[name]):
            _refuse(kind, f"{name} must be {check.expected}")


def _as_tensors(weights: Any) -> dict[str, torch.Tensor]:
    if not isinstance(weights, dict) or not all(isinstance(name, str) for name in weights):
        raise ValueError("they are not a dictionary of names")
    for name, array in weights.items():
        if not isinstance(array, np.ndarray) or array.dtype.name not in DTYPES:
            raise ValueError(f"{name!r} is not an array of {', '.join(DTYPES)}")
        if not np.isfinite(array).all():
            raise ValueError(f"{name!r} holds values that are not finite")
    # A copy, of a memory map for instance, that training may write to.
    return {name: torch.from_numpy(np.array(array)) for name, array in weights.items()}


def _message(kind: type) -> str:
    return f"This is not the saved state of a {kind.__name__} of skae"


def _refuse(kind: type, reason: str) -> NoReturn:
    raise ValueError(f"{_message(kind)}: {reason}.")

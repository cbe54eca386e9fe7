"""What may not change between the calls that train one model."""

from typing import Any


def refuse_changes(estimator: Any, task: str, remedy: str) -> None:
    """Refuse to go on with a model after a parameter that shapes it was changed.

    Parameters
    ----------
    estimator : BaseAutoencoder
        A fitted estimator.
    task : str
        What is about to be done.
    remedy : str
        What begins a new model instead.

    Raises
    ------
    ValueError
        If the parameters ask for another model than the fitted one.

    Examples
    --------
    >>> import numpy as np
    >>> from skae import AutoencoderTransformer
    >>> model = AutoencoderTransformer(1).partial_fit(np.eye(4))
    >>> model.set_params(n_components=2).partial_fit(np.eye(4))
    Traceback (most recent call last):
    ValueError: partial_fit goes on with a model whose n_components is 1, but ... is now 2. ...
    """
    module = estimator.module_
    built = {
        "n_components": estimator._n_features_out,
        "dtype": estimator._fitted_dtype,
        "init": "random" if module.to_code is None else "pca",
        "output_activation": module.output_activation,
        "architecture": _describe(estimator.architecture_),
    }
    asked = {name: getattr(estimator, name) for name in built}
    asked["architecture"] = _describe(estimator._resolve_architecture())
    for name, value in built.items():
        if asked[name] != value:
            raise ValueError(
                f"{task} goes on with a model whose {name} is {value}, but what the parameters "
                f"ask for is now {asked[name]}. Set it back, or use {remedy} to begin anew."
            )


def _describe(architecture: Any) -> str:
    """Say what is built; a user's class without ``get_params`` says its name alone."""
    parameters = architecture.get_params() if hasattr(architecture, "get_params") else {}
    words = ", ".join(f"{name}={value!r}" for name, value in parameters.items())
    return f"{type(architecture).__name__}({words})"

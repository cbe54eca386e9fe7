"""What may not change where a call goes on with a model: ``partial_fit`` and ``warm_start``."""

from typing import Any, NoReturn

from skae._checks import is_integer, is_sequence, plain
from skae._training.auto import resolve_n_components
from skae.architectures import DenseArchitecture


def no_partial_fit(reason: str, remedy: str) -> Any:
    """Make the ``partial_fit`` of an estimator that has none: asking for it raises AttributeError.

    Parameters
    ----------
    reason : str
        Why it is not there.
    remedy : str
        A sentence: what there is in its place.

    Returns
    -------
    partial_fit : property
        For the body of a class.

    Examples
    --------
    >>> class Estimator:
    ...     partial_fit = no_partial_fit("rows are sorted", "Use fit.")
    >>> Estimator().partial_fit
    Traceback (most recent call last):
    AttributeError: Estimator has no partial_fit: rows are sorted. Use fit.
    """

    def refuse(self: Any) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} has no partial_fit: {reason}. {remedy}")

    return property(refuse, doc=f"Not offered: {reason}.")


class GoingOnMixin:
    """The parameters that shape a model, as it was built and as they are now."""

    def _refuse_changes(self: Any, task: str, remedy: str) -> None:
        """Refuse to go on with a model after a parameter that shapes it was changed."""
        for name, (built, asked) in self._built_and_asked().items():
            if asked != built:
                raise ValueError(
                    f"{task} goes on with a model whose {name} is {built}, but what the "
                    f"parameters ask for is now {asked}. Set it back, or use {remedy} to "
                    "begin anew."
                )

    def _built_and_asked(self: Any) -> dict[str, tuple[Any, Any]]:
        """What the model has of each parameter that shapes it, and what is asked for now."""
        wanted = self._settled_components()
        return {
            "n_components": (self.n_components_, self.n_components_ if wanted is None else wanted),
            "dtype": (self._fitted_dtype, self.dtype),
            "whiten": (self._is_whitened(), self.whiten),
            "init": ("random" if self.module_.to_code is None else "pca", self.init),
            "output_activation": (self.module_.output_activation, self.output_activation),
            "architecture": (
                _name_architecture(self.architecture_),
                _name_architecture(self._architecture_to_go_on_with()),
            ),
        }

    def _settled_components(self: Any) -> int | None:
        """How many components are asked for; None where that is settled in the fit, by a share."""
        wanted = resolve_n_components(self.n_components, self.n_features_in_)
        return wanted if is_integer(wanted) else None

    def _architecture_to_go_on_with(self: Any) -> Any:
        is_chosen = self.architecture is None and isinstance(self.hidden_layer_sizes, str)
        if is_chosen and isinstance(self.architecture_, DenseArchitecture):
            # Layers that were chosen stay as they were chosen, whatever would be chosen today.
            return DenseArchitecture(self.architecture_.hidden_layer_sizes, self.activation)
        return self._resolve_architecture(False, self.n_features_in_)

    def _is_whitened(self: Any) -> bool:
        """Whether the model was built with ``whiten``, as far as that makes a difference."""
        units = self.module_.code_units
        if self.module_.to_code is None:
            return self.whiten
        return units is None or units.scale is None


def _name_architecture(architecture: Any) -> str:
    """Say what is built; a user's class without ``get_params`` says its name alone."""
    architecture = plain(architecture)
    parameters = architecture.get_params() if hasattr(architecture, "get_params") else {}
    parameters = {n: tuple(v) if is_sequence(v) else v for n, v in parameters.items()}
    values = ", ".join(f"{name}={value!r}" for name, value in parameters.items())
    return f"{type(architecture).__name__}({values})"

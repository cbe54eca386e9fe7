"""What each constructor parameter may be, and the error that says so."""

import os
from collections.abc import Callable, Iterable
from numbers import Integral, Real
from typing import Any

from skae.architectures import ACTIVATIONS
from skae.losses import LOSSES
from skae.training import SCHEDULES, SOLVERS

Check = tuple[Callable[[Any], bool], str]


def is_integer(value: Any) -> bool:
    """Whether value is an integer and not a bool."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def is_real(value: Any) -> bool:
    """Whether value is a finite real number and not a bool."""
    return isinstance(value, Real) and not isinstance(value, bool) and abs(float(value)) < 1e300


def one_of(*choices: Any) -> Check:
    """Accept the choices, compared by type as well (0 is not False)."""
    words = ", ".join(repr(choice) for choice in choices)
    return (
        lambda value: any(type(value) is type(c) and value == c for c in choices),
        f"one of {words}",
    )


def integer(low: int) -> Check:
    """Accept an integer of at least ``low``."""
    return lambda value: is_integer(value) and value >= low, f"an integer >= {low}"


def real(low: float, high: float | None = None, *, open_low: bool = False) -> Check:
    """Accept a number in [low, high), or above low alone."""
    above = f"> {low:g}" if open_low else f">= {low:g}"
    below = "" if high is None else f" and < {high:g}"

    def accepts(value: Any) -> bool:
        return (
            is_real(value)
            and (value > low if open_low else value >= low)
            and (high is None or value < high)
        )

    return accepts, f"a number {above}{below}"


def flag() -> Check:
    """Accept True and False."""
    return one_of(True, False)


def either(*checks: Check) -> Check:
    """Accept what any of the checks accepts."""
    return (
        lambda value: any(accepts(value) for accepts, _ in checks),
        ", or ".join(words for _, words in checks),
    )


def sizes() -> Check:
    """Accept a sequence of positive integers, the empty one included."""
    return (
        lambda value: (
            isinstance(value, Iterable)
            and not isinstance(value, str)
            and all(is_integer(size) and size >= 1 for size in value)
        ),
        "a sequence of integers >= 1, such as (256,) or ()",
    )


def interval(low: float) -> Check:
    """Accept two numbers in ascending order, the first at least ``low``."""
    return (
        lambda value: (
            isinstance(value, list | tuple)
            and len(value) == 2
            and all(map(is_real, value))
            and low <= value[0] <= value[1]
        ),
        f"two numbers (a, b) with {low:g} <= a <= b",
    )


def function() -> Check:
    """Accept anything that can be called."""
    return callable, "a callable"


def has_method(name: str) -> Check:
    """Accept None, or an object with the method."""
    return (
        lambda value: value is None or callable(getattr(value, name, None)),
        f"None, or an object with a method {name}()",
    )


def path() -> Check:
    """Accept the path of a file."""
    return lambda value: isinstance(value, str | os.PathLike) and bool(str(value)), "a path"


def path_and_number() -> Check:
    """Accept a path with an integer of at least one."""
    accepts_path, _ = path()
    return (
        lambda value: (
            isinstance(value, list | tuple)
            and len(value) == 2
            and accepts_path(value[0])
            and is_integer(value[1])
            and value[1] >= 1
        ),
        "a path with the epochs between two writes, such as ('fit.safetensors', 10)",
    )


def check_parameters(estimator: Any, checks: dict[str, Check]) -> None:
    """Raise a ValueError for the first parameter whose value is not accepted."""
    for name, (accepts, words) in checks.items():
        value = getattr(estimator, name)
        if not accepts(value):
            raise ValueError(
                f"The {name!r} parameter of {type(estimator).__name__} must be {words}. "
                f"Got {value!r} instead."
            )


SHARED: dict[str, Check] = {
    "n_components": integer(1),
    "hidden_layer_sizes": sizes(),
    "activation": one_of(*ACTIVATIONS),
    "architecture": has_method("build"),
    "init": one_of("pca", "random"),
    "output_activation": one_of("identity", "logistic"),
    "loss": one_of(*LOSSES),
    "solver": one_of(*SOLVERS),
    "alpha": real(0),
    "batch_size": either(one_of("auto"), integer(1)),
    "learning_rate": one_of(*SCHEDULES),
    "learning_rate_init": either(one_of("auto"), real(0, open_low=True)),
    "max_iter": either(one_of("auto"), integer(1)),
    "shuffle": flag(),
    "tol": real(0),
    "n_iter_no_change": integer(1),
    "early_stopping": flag(),
    "validation_fraction": real(0, 1),
    "warm_start": flag(),
    "checkpoint": either(one_of(None), path(), path_and_number()),
    "verbose": either(flag(), integer(0)),
    "dtype": one_of("float32", "float64"),
    "precision": one_of("full", "mixed"),
}
"""What the parameters that all estimators have may be."""

"""What each constructor parameter may be, and the error that says so."""

from collections.abc import Callable, Iterable
from numbers import Integral, Real
from typing import Any

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


def check_parameters(estimator: Any, checks: dict[str, Check]) -> None:
    """Raise a ValueError for the first parameter whose value is not accepted."""
    for name, (accepts, words) in checks.items():
        value = getattr(estimator, name)
        if not accepts(value):
            raise ValueError(
                f"The {name!r} parameter of {type(estimator).__name__} must be {words}. "
                f"Got {value!r} instead."
            )

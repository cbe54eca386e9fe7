"""What a parameter may be, and the error that says so: one vocabulary for every room."""

import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np


class Check(NamedTuple):
    """A test of a value, and what it asks for in words."""

    accepts: Callable[[Any], bool]
    expected: str


def is_integer(value: Any) -> bool:
    """Whether value is an integer and not a bool."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def is_real(value: Any) -> bool:
    """Whether value is a finite real number and not a bool."""
    return isinstance(value, Real) and not isinstance(value, bool) and abs(float(value)) < 1e300


def is_sequence(value: Any) -> bool:
    """Whether value has an order and a length, and is not a string."""
    return isinstance(value, Sequence | np.ndarray) and not isinstance(value, str)


def one_of(*choices: Any) -> Check:
    """Accept the choices, compared by type as well (0 is not False)."""
    return Check(
        lambda value: any(type(value) is type(c) and value == c for c in choices),
        "one of " + ", ".join(map(repr, choices)),
    )


def integer(low: int, *, odd: bool = False) -> Check:
    """Accept an integer of at least ``low``, or only an odd one."""
    return Check(
        lambda value: is_integer(value) and value >= low and (value % 2 == 1 or not odd),
        f"an {'odd ' if odd else ''}integer >= {low}",
    )


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

    return Check(accepts, f"a number {above}{below}")


def flag() -> Check:
    """Accept True and False."""
    return one_of(True, False)


def either(*checks: Check) -> Check:
    """Accept what any of the checks accepts."""
    return Check(
        lambda value: any(check.accepts(value) for check in checks),
        ", or ".join(check.expected for check in checks),
    )


def sizes(example: str = "(256,) or ()", *, n_least: int = 0) -> Check:
    """Accept a sequence of positive integers, ``n_least`` of them or more."""
    return Check(
        lambda value: (
            is_sequence(value)
            and len(value) >= n_least
            and all(is_integer(size) and size >= 1 for size in value)
        ),
        f"a sequence of integers >= 1, such as {example}",
    )


def interval(low: float) -> Check:
    """Accept two numbers in ascending order, the first at least ``low``."""
    return Check(
        lambda value: (
            is_sequence(value)
            and len(value) == 2
            and all(map(is_real, value))
            and low <= value[0] <= value[1]
        ),
        f"two numbers (a, b) with {low:g} <= a <= b",
    )


def function() -> Check:
    """Accept anything that can be called and is no class."""
    return Check(lambda value: callable(value) and not isinstance(value, type), "a callable")


def has_method(name: str) -> Check:
    """Accept an object with the method; a class has it, but for its instances."""
    return Check(
        lambda value: callable(getattr(value, name, None)) and not isinstance(value, type),
        f"an object with a method {name}()",
    )


def find_misfit(call: Callable[..., Any], n_arguments: int) -> str:
    """Say why something cannot be called with that many arguments; empty where it can."""
    try:
        inspect.signature(call).bind(*[None] * n_arguments)
    except TypeError as error:
        return str(error)
    except ValueError:
        pass  # written in C, it has no signature that can be read
    return ""


def path() -> Check:
    """Accept the path of a file."""
    return Check(lambda value: isinstance(value, str | os.PathLike) and bool(str(value)), "a path")


def path_and_number() -> Check:
    """Accept a path with an integer of at least one."""
    return Check(
        lambda value: (
            isinstance(value, list | tuple)
            and len(value) == 2
            and path().accepts(value[0])
            and integer(1).accepts(value[1])
        ),
        "a path with the epochs between two writes, such as ('fit.safetensors', 10)",
    )


def check_value(owner: str, name: str, value: Any, check: Check) -> None:
    """Raise a ValueError that names owner, parameter, value and remedy, unless it is accepted."""
    if not check.accepts(value):
        is_class = isinstance(value, type)
        remedy = f" It is a class: give an instance, {value.__name__}(...)." if is_class else ""
        raise ValueError(
            f"The {name!r} parameter of {owner} must be {check.expected}. Got {value!r} instead."
            f"{remedy}"
        )


def check_parameters(owner: Any, checks: Mapping[str, Check]) -> None:
    """Raise a ValueError for the first parameter of an object whose value is not accepted."""
    for name, check in checks.items():
        check_value(type(owner).__name__, name, getattr(owner, name), check)

"""What a parameter may be, and the error that says so: one vocabulary for every room."""

import copy
import difflib
import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np


class Check(NamedTuple):
    """A test of a plain value, what it asks for in words, and how to come from others to that."""

    accepts: Callable[[Any], bool]
    expected: str
    remedy: Callable[[Any], str] = lambda value: ""


def is_integer(value: Any) -> bool:
    """Whether value is an integer and not a bool."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def is_real(value: Any) -> bool:
    """Whether value is a finite real number and not a bool."""
    return isinstance(value, Real) and not isinstance(value, bool) and abs(float(value)) < 1e300


def is_sequence(value: Any) -> bool:
    """Whether value has an order and a length, and is not a string."""
    is_array = isinstance(value, np.ndarray) and value.ndim > 0
    return is_array or (isinstance(value, Sequence) and not isinstance(value, str | bytes))


def plain(value: Any) -> Any:
    """The plain Python value that a value stands for.

    Grids and searches give strings, bools, numbers and arrays of NumPy, which are compared, saved
    and computed with in ways of their own.

    Parameters
    ----------
    value : object
        A parameter as it was given.

    Returns
    -------
    value : object
        A str, bool, int or float in place of a scalar of any kind, a list or tuple of them in
        place of a sequence, a copy of an object that names parameters which are not plain, and
        else the value itself.

    Examples
    --------
    >>> plain(np.str_("relu")), plain(np.array([64, 32])), plain([np.float64(0.5), np.True_])
    ('relu', (64, 32), [0.5, True])
    """
    if isinstance(value, np.generic | np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, bool):
        return value
    # What an instance of a subclass equals, such as a member of an enumeration.
    for kind, convert in PLAIN.items():
        if isinstance(value, kind):
            return convert(value)
    # Of sequences the plain ones alone: another may be a user's object with methods of its own.
    is_row = isinstance(value, range) or (isinstance(value, np.ndarray) and value.ndim == 1)
    if is_row or type(value) in (list, tuple):
        kind = list if isinstance(value, list) else tuple
        items = kind(map(plain, value))
        return value if type(value) is kind and _are_same(items, value) else items
    return _plain_copy(value)


PLAIN: dict[type, Callable[[Any], Any]] = {str: str.__str__, Integral: int, Real: float}


def _plain_copy(owner: Any) -> Any:
    names = getattr(type(owner), "_plain_parameters", ())
    given = [getattr(owner, name) for name in names]
    values = list(map(plain, given))
    if _are_same(values, given):
        return owner
    # The user's object stays as it is.
    owner = copy.copy(owner)
    vars(owner).update(zip(names, values, strict=True))
    return owner


def _are_same(values: Sequence[Any], others: Sequence[Any]) -> bool:
    return all(value is other for value, other in zip(values, others, strict=True))


OTHER_NAMES: dict[str, tuple[str, ...]] = {
    "squared_error": ("mse", "meansquarederror", "rmse", "l2"),
    "absolute_error": ("mae", "meanabsoluteerror", "l1"),
    "huber": ("smoothl1", "logcosh"),
    "log_loss": (
        "bce", "bcewithlogits", "binarycrossentropy", "binarycrossentropywithlogits",
        "crossentropy",
    ),
    "adam": ("rmsprop", "adagrad", "adadelta", "adamax"),
    "logistic": ("sigmoid",),
    "identity": ("linear", "none"),
    "relu": ("leakyrelu", "prelu", "relu6"),
    "elu": ("selu", "celu"),
    "silu": ("swish", "hardswish"),
    "float32": ("float16", "bfloat16", "half", "single"),
    "float64": ("float", "double"),
    "auto": ("none", "lbfgs"),
}  # fmt: skip
"""What choices are called elsewhere: in small letters, without underscores and a last "loss"."""


def one_of(*choices: Any) -> Check:
    """Accept the choices, compared by type as well (0 is not False)."""

    def remedy(value: Any) -> str:
        # A module or class of torch, or a type of NumPy, by its name.
        name = getattr(value, "__name__", str(value)).partition("(")[0].lower()
        known = {str(choice).lower(): choice for choice in choices}
        meant = [c for c in choices if isinstance(value, int) and c == value]
        elsewhere = name.replace("_", "").removesuffix("loss")
        meant += [c for c in choices if elsewhere in OTHER_NAMES.get(c, ())]
        meant += [known[word] for word in difflib.get_close_matches(name, known, 1, 0.7)]
        return f" Use {meant[0]!r}." if meant else ""

    words = ", ".join(map(repr, choices))
    return Check(
        lambda value: any(type(value) is type(c) and value == c for c in choices),
        f"one of {words}" if len(choices) > 1 else words,
        remedy,
    )


def _number(convert: Callable[[Any], Any], accepts: Callable[[Any], bool], expected: str) -> Check:
    """Accept a number, and offer the one that a string or another kind of number stands for."""

    def remedy(value: Any) -> str:
        if not (isinstance(value, str) or is_real(value)):
            return ""
        try:
            number = convert(value)
        except ValueError:
            return ""
        is_same = isinstance(value, str) or number == value
        return f" Use {number!r}." if is_same and accepts(number) else ""

    return Check(accepts, expected, remedy)


def integer(low: int, *, odd: bool = False) -> Check:
    """Accept an integer of at least ``low``, or only an odd one."""
    return _number(
        int,
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

    return _number(float, accepts, f"a number {above}{below}")


def flag() -> Check:
    """Accept True and False."""
    return one_of(True, False)


def either(*checks: Check) -> Check:
    """Accept what any of the checks accepts."""
    return Check(
        lambda value: any(check.accepts(value) for check in checks),
        ", or ".join(check.expected for check in checks),
        lambda value: next(filter(None, (check.remedy(value) for check in checks)), ""),
    )


def number_or_share(number: Check) -> Check:
    """Accept what ``number`` accepts, or a number above zero and below one."""
    share = real(0, 1, open_low=True)
    return Check(
        lambda value: number.accepts(value) or share.accepts(value),
        f"{number.expected}, or {share.expected}",
        number.remedy,
    )


def sizes(example: str = "(256,) or ()", *, n_least: int = 0) -> Check:
    """Accept a sequence of positive integers, ``n_least`` of them or more."""

    def accepts(value: Any) -> bool:
        return (
            is_sequence(value)
            and len(value) >= n_least
            and all(is_integer(size) and size >= 1 for size in value)
        )

    def remedy(value: Any) -> str:
        values = value if is_sequence(value) else (value,)
        meant = tuple(int(size) for size in values if is_real(size) and size % 1 == 0)
        return f" Use {meant!r}." if len(meant) == len(values) and accepts(meant) else ""

    return Check(accepts, f"a sequence of integers >= 1, such as {example}", remedy)


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


def number_or_nan() -> Check:
    """Accept a real number, or NaN."""
    return Check(
        lambda value: is_real(value) or (isinstance(value, float) and value != value),
        "a number or numpy.nan",
    )


def are_column_numbers() -> Check:
    """Accept a list of integers from zero on, in ascending order."""
    return Check(
        lambda value: (
            isinstance(value, list)
            and all(is_integer(number) and number >= 0 for number in value)
            and all(low < high for low, high in pairwise(value))
        ),
        "a list of numbers of columns in ascending order",
    )


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


def seed() -> Check:
    """Accept what scikit-learn draws random numbers from."""
    return _number(
        int,
        lambda value: (
            value is None
            or isinstance(value, np.random.RandomState)
            or (is_integer(value) and 0 <= value < 2**32)
        ),
        "an integer from 0 to 2**32 - 1, a RandomState instance or None",
    )


def check_value(owner: str, name: str, value: Any, check: Check) -> None:
    """Raise a ValueError that names owner, parameter, value and remedy, unless it is accepted."""
    value = plain(value)
    if not check.accepts(value):
        is_class = isinstance(value, type)
        remedy = f" It is a class: give an instance, {value.__name__}(...)." if is_class else ""
        raise ValueError(
            f"The {name!r} parameter of {owner} must be {check.expected}. Got {value!r} instead."
            f"{check.remedy(value) or remedy}"
        )


def check_parameters(owner: Any, checks: Mapping[str, Check]) -> None:
    """Raise a ValueError for the first parameter of an object whose value is not accepted."""
    for name, check in checks.items():
        check_value(type(owner).__name__, name, getattr(owner, name), check)

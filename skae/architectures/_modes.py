"""The modes of torch that a caller may be in: they make no difference to what is computed."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch.overrides import TorchFunctionMode


def in_full_precision(device_type: str) -> AbstractContextManager:
    """Leave autocast, whoever entered it; where nobody did, there is nothing to pay.

    Parameters
    ----------
    device_type : str
        Where the products are, such as "cpu".

    Returns
    -------
    block : context manager
        Autocast is off in it, and as before behind it.

    Examples
    --------
    >>> x = torch.ones(1, 1)
    >>> with torch.autocast("cpu", torch.bfloat16):
    ...     with in_full_precision("cpu"):
    ...         print((x @ x).dtype)
    torch.float32
    """
    if not torch.is_autocast_enabled(device_type):
        return nullcontext()
    return torch.autocast(device_type, enabled=False)


def on_torchs_device() -> AbstractContextManager:
    """Make tensors where torch makes them unless the caller names another default device.

    Returns
    -------
    block : context manager
        The default device is the CPU in it, and as before behind it.

    Examples
    --------
    >>> with torch.device("meta"), on_torchs_device():
    ...     print(repr(torch.zeros(1).device))
    device(type='cpu')
    """
    is_default = torch.get_default_device().type == "cpu"
    return nullcontext() if is_default else torch.device("cpu")


def in_torchs_dtype() -> AbstractContextManager:
    """Make tensors of the type that torch gives them unless the caller names another default.

    Returns
    -------
    block : context manager
        The default type is float32 in it for this thread; the caller's, which all threads share,
        is not touched.

    Examples
    --------
    >>> with in_torchs_dtype():
    ...     print(torch.nn.Linear(1, 1).weight.dtype)
    torch.float32
    """
    return nullcontext() if torch.get_default_dtype() == torch.float32 else _SinglePrecision()


class _SinglePrecision(TorchFunctionMode):
    """Functions that make floats make float32, where they are not told what to make."""

    made = frozenset({
        torch.empty, torch.zeros, torch.ones, torch.rand, torch.randn, torch.eye, torch.linspace,
        torch.logspace,
    })  # fmt: skip
    read = frozenset({torch.tensor, torch.as_tensor, torch.full, torch.arange})
    """These make integers as well."""

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        options = kwargs or {}
        if options.get("dtype") is None and func in self.made:
            options = {**options, "dtype": torch.float32}
        result = func(*args, **options)
        if options.get("dtype") is None and func in self.read:
            # Of an array or a tensor they keep the type.
            is_array = hasattr(args[0] if args else options.get("data"), "dtype")
            if result.dtype == torch.get_default_dtype() and not is_array:
                return result.float()
        return result

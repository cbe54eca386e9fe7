"""The modes of torch that a caller may be in: they make no difference to what is computed."""

from contextlib import AbstractContextManager, nullcontext

import torch


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

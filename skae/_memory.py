"""Running out of memory, in words."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import torch

_TORCH_SAYS = re.compile(r"can't allocate memory: you tried to allocate (\d+) bytes")


@contextmanager
def explain_out_of_memory(task: str) -> Iterator[None]:
    """Make a ``MemoryError`` of what NumPy and torch raise, with the size and the remedies.

    Parameters
    ----------
    task : str
        What was done, such as "fit".

    Raises
    ------
    MemoryError
        If memory runs out inside.

    Examples
    --------
    >>> try:
    ...     with explain_out_of_memory("fit"):
    ...         _ = torch.empty(10**15)
    ... except MemoryError as error:
    ...     print(str(error)[:60])
    fit ran out of memory: it needed 4,000,000.0 GB more at once
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        needed = _TORCH_SAYS.search(str(error))
        if not (needed or isinstance(error, MemoryError | torch.OutOfMemoryError)):
            raise
        words = f"it needed {int(needed[1]) / 1e9:,.1f} GB more at once" if needed else str(error)
        raise MemoryError(
            f"{task} ran out of memory: {words}. Lower hidden_layer_sizes or the channels of the "
            "architecture, n_components or batch_size, or train on fewer columns or, with "
            "partial_fit, on fewer rows at a time."
        ) from error

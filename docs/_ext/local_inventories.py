"""Links to other projects from short lists beside this file: a build asks no network.

Each ``inventories/*.txt`` is a Sphinx inventory of version 1, plain text. Its project's address is
in ``ADDRESSES``.
"""

from pathlib import Path
from typing import Any

INVENTORIES = Path(__file__).parents[1] / "inventories"
ADDRESSES = {
    "sklearn": "https://scikit-learn.org/stable/",
    "torch": "https://docs.pytorch.org/docs/stable/",
    "numpy": "https://numpy.org/doc/stable/",
    "python": "https://docs.python.org/3/",
}


def setup(app: Any) -> dict[str, Any]:
    """Tell intersphinx where the lists are."""
    app.connect("config-inited", _add, priority=100)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def _add(app: Any, config: Any) -> None:
    config.intersphinx_mapping = {
        name: (address, str(INVENTORIES / f"{name}.txt")) for name, address in ADDRESSES.items()
    }

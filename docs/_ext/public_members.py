"""Members that scikit-learn and torch bring along are left to their own documentation."""

import inspect
from typing import Any


def skip_foreign(app: Any, what: str, name: str, member: Any, skip: bool, options: Any) -> Any:
    """Skip what was not written here."""
    function = getattr(member, "__func__", getattr(member, "fget", None) or member)
    is_routine = inspect.isfunction(function) or inspect.isclass(function)
    module = getattr(function, "__module__", None) or ""
    if is_routine and not module.startswith("skae"):
        return True
    if name.startswith("_"):
        return True
    return None


def setup(app: Any) -> dict[str, Any]:
    """Connect to Sphinx."""
    app.connect("autodoc-skip-member", skip_foreign)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

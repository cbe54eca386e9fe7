"""The blocks of docs/recipes.md, to be run as they stand."""

import re
from pathlib import Path

import pytest
from sklearn.datasets import load_digits

RECIPES = Path(__file__).parents[2] / "docs" / "recipes.md"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture
def X():
    return load_digits().data[:600]


@pytest.fixture
def y():
    return load_digits().target[:600]


@pytest.fixture
def recipe():
    """The code below a heading that begins with the words."""

    def find(words):
        (section,) = re.findall(rf"^## {words}.*?(?=^## |\Z)", RECIPES.read_text(), re.M | re.S)
        (code,) = re.findall(r"^```python\n(.*?)^```$", section, re.M | re.S)
        return code

    return find


@pytest.fixture
def run_recipe(recipe, X, y, tmp_path, monkeypatch):
    """Run a recipe in a folder of its own, and return the names it leaves."""
    monkeypatch.chdir(tmp_path)

    def run(words, **names):
        names = {"__name__": "recipe", "X": X, "y": y, **names}
        exec(compile(recipe(words), f"{RECIPES.name}: {words}", "exec"), names)
        return names

    return run

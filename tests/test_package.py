"""The package as a whole."""

import subprocess
import sys

import pytest


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize("part", ["plotting", "persistence", "comparison"])
def test_parts_are_imported_where_they_are_first_used(part):
    code = f"import skae, sys; assert 'skae.{part}' not in sys.modules; print(skae.{part}.__name__)"
    assert run(code) == f"skae.{part}"


def test_other_names_are_missing_as_usual():
    assert (
        run("import skae; skae.plots") == "AttributeError: module 'skae' has no attribute 'plots'"
    )


def test_parts_are_offered_for_completion():
    assert run("import skae; print({'plotting', 'losses'} <= set(dir(skae)))") == "True"

"""Figures and tables taken from ``benchmarks/results/*.json`` while the pages are built.

Two ways to write them::

    {measured}`compare_pca/results/data=mnist/k=32/pca`       one number, as 13.19
    {measured}`compare_pca/results/data=mnist/k=32/pca|.0f`   in another format

    ```{benchmark} compare_pca
    ```

A step of a path is a key of an object, or ``key=value`` to choose from a list.
"""

import ast
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from result_tables import RESULTS, TABLES, Rows, look_up, read, show
from sphinx.errors import ExtensionError


def measured_role(
    role: str, rawtext: str, text: str, lineno: int, inliner: Any, options: Any = None,
    content: Any = None,
) -> tuple[list[nodes.Node], list[Any]]:  # fmt: skip
    """Put one number in a sentence."""
    path, _, pattern = text.partition("|")
    name, *steps = path.split("/")
    try:
        value = look_up(read(name), steps)
    except (KeyError, ValueError, OSError) as error:
        message = inliner.reporter.error(f"no such result: {text} ({error!r})", line=lineno)
        return [inliner.problematic(rawtext, rawtext, message)], [message]
    _depend_on(inliner.document.settings.env, name)
    return [nodes.Text(format(value, pattern or ".2f"))], []


class Benchmark(Directive):
    """The table of one benchmark, and the machine that it was measured on."""

    required_arguments = 1
    final_argument_whitespace = False

    def run(self) -> list[nodes.Node]:
        """Make the table."""
        name = self.arguments[0]
        file = name.partition("/")[0]
        try:
            record = read(file)
        except FileNotFoundError:
            command = f".venv/bin/python benchmarks/{file}.py"
            words = f"No results are kept of this one; {command} measures it."
            return [nodes.paragraph(text=words, classes=["machine"])]
        _depend_on(self.state.document.settings.env, file)
        headings, rows = TABLES[name](record["results"])
        return [make_table(headings, rows), describe(record.get("machine"))]


class OtherBenchmarks(Directive):
    """Each result that has no table of its own in ``TABLES``, with its benchmark's own words."""

    def run(self) -> list[nodes.Node]:
        """Make a section for each file."""
        found: list[nodes.Node] = []
        for path in sorted(RESULTS.glob("*.json")):
            if path.stem in TABLES:
                continue
            record = read(path.stem)
            _depend_on(self.state.document.settings.env, path.stem)
            title = path.stem.replace("_", " ").capitalize()
            section = nodes.section(ids=[nodes.make_id(title)])
            self.state.document.note_explicit_target(section)
            section += nodes.title(text=title)
            script = RESULTS.parent / f"{path.stem}.py"
            section += words_of(script)
            command = f".venv/bin/python benchmarks/{script.name}"
            section += nodes.literal_block(command, command, language="none")
            # Raw rows are for those who ask.
            tables = any_tables(record["results"])
            n_rows = sum(len(rows) for _, _, rows in tables)
            section += nodes.raw("", f"<details><summary>{n_rows} rows</summary>", format="html")
            for caption, headings, rows in tables:
                if caption:
                    section += nodes.rubric(text=caption)
                section += make_table(headings, rows)
            section += describe(record.get("machine"))
            section += nodes.raw("", "</details>", format="html")
            found.append(section)
        return found


def words_of(script: Path) -> list[nodes.Node]:
    """The paragraphs of a script's docstring, without its indented commands."""
    if not script.exists():
        return []
    text = ast.get_docstring(ast.parse(script.read_text())) or ""
    paragraphs = [part for part in text.split("\n\n") if not part.startswith(" ")]
    return [nodes.paragraph(text=" ".join(part.replace("``", "").split())) for part in paragraphs]


def any_tables(results: Any, caption: str = "") -> list[tuple[str, list[str], Rows]]:
    """Tables of whatever JSON holds: (caption, headings, rows) each."""
    if isinstance(results, dict) and all(isinstance(v, dict) for v in results.values()):
        results = [{"": name, **row} for name, row in results.items()]
    if isinstance(results, list):
        headings = list(dict.fromkeys(key for row in results for key in row))
        rows = [[show(row.get(key, "")) for key in headings] for row in results]
        return [(caption, [heading.replace("_", " ") for heading in headings], rows)]
    plain = {k: v for k, v in results.items() if not _is_nested(v)}
    tables = []
    if plain:
        tables.append((caption, ["", "value"], [[k, show(v)] for k, v in plain.items()]))
    for name, value in results.items():
        if name not in plain:
            tables += any_tables(value, name.replace("_", " "))
    return tables


def _is_nested(value: Any) -> bool:
    is_rows = isinstance(value, list) and bool(value) and isinstance(value[0], dict)
    return is_rows or isinstance(value, dict)


def make_table(headings: list[str], rows: Rows) -> nodes.Node:
    """Turn texts into a docutils table; ``**text**`` is strong, figures stand on the right."""
    table = nodes.table(classes=["measured"])
    group = nodes.tgroup(cols=len(headings))
    group += [nodes.colspec(colwidth=1) for _ in headings]
    head = nodes.thead()
    head += _row(headings)
    body = nodes.tbody()
    body += [_row(row) for row in rows]
    group += [head, body]
    table += group
    wrapper = nodes.container(classes=["pst-scrollable-table-container"])
    wrapper += table
    return wrapper


def describe(machine: dict[str, Any] | None) -> nodes.Node:
    """Say what machine it was."""
    if not machine:
        return nodes.paragraph()
    words = ", ".join(
        [machine["cpu"].replace("(R)", ""),
         f"{machine['threads']} thread{'s' if machine['threads'] > 1 else ''}",
         f"torch {machine['torch']}", f"Python {machine['python']}"]
        + [f"{key} {value}" for key, value in machine.items()
           if key not in ("cpu", "threads", "torch", "python")]
    )  # fmt: skip
    return nodes.paragraph(text=f"Measured on: {words}.", classes=["machine"])


def _row(texts: list[str]) -> nodes.Node:
    row = nodes.row()
    for column, text in enumerate(texts):
        paragraph = nodes.paragraph()
        bare = text.strip("*")
        paragraph += nodes.strong(text=bare) if bare != text else nodes.Text(bare)
        entry = nodes.entry(classes=["words" if column == 0 else "number"])
        entry += paragraph
        row += entry
    return row


def _depend_on(env: Any, name: str) -> None:
    env.note_dependency(str(RESULTS / f"{name}.json"))


def setup(app: Any) -> dict[str, Any]:
    """Add the role and the directives to Sphinx."""
    if not RESULTS.is_dir():
        raise ExtensionError(f"{RESULTS} is missing: the pages take their figures from there.")
    app.add_role("measured", measured_role)
    app.add_directive("benchmark", Benchmark)
    app.add_directive("other-benchmarks", OtherBenchmarks)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

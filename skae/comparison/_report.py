"""The comparison as a table on the terminal, a JSON file and one self-contained HTML page."""

import base64
import io
import json
import math
from collections.abc import Callable
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
import matplotlib
import numpy as np
from matplotlib.figure import Figure
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table as RichTable

import skae
from skae.comparison._columns_back import columns_back
from skae.comparison._measure import Result, seconds_of_search
from skae.comparison._tables import Table
from skae.comparison._verdict import HOW_TOLD, rows_in_words, verdict, winners

QUANTITIES_SHOWN = {
    "explained": ("variance explained", "variance"),
    "squared_error": ("squared error per row", "squared error"),
    "accuracy": ("accuracy on the code", "accuracy"),
    "r2": ("R² of a regression on the code", "R²"),
    "fit_seconds": ("fit,\N{NO-BREAK SPACE}s", "fit, s"),
    "transform_seconds": ("transform,\N{NO-BREAK SPACE}s", "encode, s"),
}
"""Headings of the page, and shorter ones for terminals of 60 columns."""

WIDE = 72
"""Columns of a terminal with space between those of the table."""

FORMATS = {
    "explained": "{:.1%}", "squared_error": "{:#.4g}", "accuracy": "{:.1%}",
    "r2": "{:.3f}",
    "fit_seconds": "{:.2f}", "transform_seconds": "{:.3f}",
}  # fmt: skip

PICTURES = {"light": ("#ffffff", "#222222"), "dark": ("#16191d", "#d8dce0")}
"""Paper and ink of a picture."""

COLORS = {"PCA": "#8a8f94", "autoencoder": "#2a93bf", "ordered": "#d08a3c"}


def print_table(results: list[Result], console: Console) -> None:
    """Print one line for each method and size.

    Parameters
    ----------
    results : list of Result
        What to print.
    console : rich.console.Console
        Where to print.

    Examples
    --------
    >>> codes, examples = np.zeros((20, 3)), np.zeros((10, 4))
    >>> result = Result("PCA", 3, 0.9, 0.4, None, 0.1, 0.01, codes, examples)
    >>> console = Console(width=80)
    >>> with console.capture() as printed:
    ...     print_table([result], console)
    >>> "90.0%" in printed.get()
    True
    """
    table = RichTable(
        title="On held-out rows", title_justify="left", box=SIMPLE_HEAD, show_edge=False,
        padding=(0, int(console.width >= WIDE), 0, 0),
    )  # fmt: skip
    table.add_column("size", justify="right", no_wrap=True)
    table.add_column("method", no_wrap=True)
    shown = _shown(results)
    for _, heading in (QUANTITIES_SHOWN[name] for name in shown):
        table.add_column(heading, justify="right", min_width=max(6, *map(len, heading.split())))
    best = _best(results)
    for number, result in enumerate(results):
        cells = [
            f"[bold]{text}[/bold]" if (number, name) in best else text
            for name, text in _cells(result, shown).items()
        ]
        table.add_row(
            str(result.n_components), result.method, *cells,
            end_section=result.method == results[-1].method,
        )  # fmt: skip
    console.print(table)
    if console.is_terminal:  # elsewhere nothing is bold
        console.print(HOW_TOLD.format(rows_in_words(len(results[0].codes))), style="dim")
    if words := _search_in_words(results):
        console.print(words, highlight=False)


def write_report(table: Table, results: list[Result], folder: Path) -> Path:
    """Write ``report.json`` and ``report.html``.

    Parameters
    ----------
    table : Table
        The rows that were compared on.
    results : list of Result
        From ``compare``.
    folder : Path
        Where to write; it is made where it is missing.

    Returns
    -------
    page : Path
        The path of ``report.html``.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from skae.comparison import compare
    >>> rows = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)
    >>> table = Table("noise", rows[:40], rows[40:])
    >>> results = compare(table, [2], 1, 0, lambda result: None)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_report(table, results, Path(folder)).name
    'report.html'
    """
    folder.mkdir(parents=True, exist_ok=True)
    figures = {"Error against the size of the code": [lambda: _error_figure(results)]}
    if table.image_shape is not None:
        shape = table.image_shape
        figures["Held-out images and their reconstructions"] = [
            lambda: _image_figure(table.test, shape, results)
        ]
    if pair := [result for result in results if result.n_components == 2]:
        # Side by side where there is room for it, one above the other on a phone.
        figures["The code of two components"] = [
            partial(_code_figure, table, result) for result in pair
        ]
    best, shown = _best(results), _shown(results)
    # One page that needs no other file, and the same figures for programs.
    template = jinja2.Template(
        (files("skae.comparison") / "report.html.jinja").read_text(encoding="utf-8"),
        autoescape=True,
    )
    page = template.render(
        table=table,
        verdict=verdict(results),
        headings=[QUANTITIES_SHOWN[name][0] for name in shown],
        rows=[
            (
                result,
                [(text, (number, name) in best) for name, text in _cells(result, shown).items()],
            )
            for number, result in enumerate(results)
        ],
        search=_search_in_words(results),
        columns=columns_back(table, results),
        how_told=HOW_TOLD.format(rows_in_words(len(table.test))),
        usual=_share_of_most_frequent(table),
        figures={title: [_embed(draw) for draw in every] for title, every in figures.items()},
        version=skae.__version__,
    )
    (folder / "report.html").write_text(page, encoding="utf-8")
    record = {
        "data": table.name,
        "notes": table.notes,
        "skae_version": skae.__version__,
        "search_seconds": seconds_of_search(results),
        "results": [
            {
                name: value
                for name, value in vars(result).items()
                if name not in ("codes", "examples", "row_losses")
            }
            for result in results
        ],
    }
    text = json.dumps(_without_nan(record), indent=2, allow_nan=False)
    (folder / "report.json").write_text(text + "\n", encoding="utf-8")
    return folder / "report.html"


def _without_nan(value: Any) -> Any:
    """What is not a number has no place in JSON but null."""
    if isinstance(value, dict):
        return {name: _without_nan(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _best(results: list[Result]) -> set[tuple[int, str]]:
    """Winners whose number is not shown as that of the other method is."""
    shown = _shown(results)
    cells = [(result.n_components, _cells(result, shown)) for result in results]
    return {
        (number, name)
        for number, name in winners(results)
        if sum((cells[number][0], cells[number][1][name]) == (k, c[name]) for k, c in cells) == 1
    }


def _shown(results: list[Result]) -> list[str]:
    """What was measured of any result, in order."""
    return [n for n in FORMATS if any(getattr(result, n) is not None for result in results)]


def _cells(result: Result, shown: list[str]) -> dict[str, str]:
    values = {name: getattr(result, name) for name in shown}
    return {n: "" if v is None else FORMATS[n].format(v) for n, v in values.items()}


def _search_in_words(results: list[Result]) -> str:
    """What it takes to know all sizes, where there are several."""
    n_sizes = len({result.n_components for result in results})
    if n_sizes == 1:
        return ""
    notes = {"ordered": "ordered, one fit that is cut at each size"}
    parts = [
        f"{seconds:{'.0f' if seconds >= 10 else '.2g'}} s ({notes.get(name, name)})"
        for name, seconds in seconds_of_search(results).items()
    ]
    return f"Fits for all {n_sizes} sizes took {', '.join(parts)}."


def _share_of_most_frequent(table: Table) -> str | None:
    """How often a classifier is right that knows nothing of a row."""
    if table.train_target is None or table.test_target is None or not table.are_classes:
        return None
    names, counts = np.unique(table.train_target, return_counts=True)
    return f"{np.mean(table.test_target == names[counts.argmax()]):.1%}"


def _embed(draw: Callable[[], Figure]) -> dict[str, str]:
    """A picture on light and one on dark paper, as base64."""
    pictures = {}
    for name, (paper, ink) in PICTURES.items():
        colors: dict[Any, str] = {"axes.edgecolor": ink, "axes.labelcolor": ink}
        colors |= {f"{part}.facecolor": paper for part in ("figure", "axes", "savefig")}
        colors |= {f"{part}.color": ink for part in ("text", "xtick", "ytick")}
        buffer = io.BytesIO()
        with matplotlib.rc_context(colors):
            draw().savefig(buffer, format="png", dpi=150, bbox_inches="tight")
        pictures[name] = base64.b64encode(buffer.getvalue()).decode()
    return pictures


def _error_figure(results: list[Result]) -> Figure:
    figure = Figure(figsize=(5.2, 3.6), layout="constrained")
    axes = figure.subplots()
    sizes = sorted({result.n_components for result in results})
    if len(sizes) == 1:
        # One point makes no curve.
        for result in results:
            bar = axes.bar(result.method, result.squared_error, 0.5, color=COLORS[result.method])
            axes.bar_label(bar, fmt="{:.4g}")
        axes.set(
            title=f"{sizes[0]} component{'' if sizes == [1] else 's'}",
            ylabel="squared error per held-out row",
        )
        return figure
    for method in dict.fromkeys(result.method for result in results):
        points = [(r.n_components, r.squared_error) for r in results if r.method == method]
        # A marker on the edge is drawn whole.
        xy, color = zip(*points, strict=True), COLORS[method]
        axes.plot(*xy, "o-", color=color, label=method, clip_on=False)
    axes.set_xscale("log", base=2)
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.minorticks_off()
    axes.set(
        xlabel="components of the code", ylabel="squared error per held-out row", ylim=(0, None)
    )
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    return figure


def _image_figure(test: np.ndarray, image_shape: tuple[int, ...], results: list[Result]) -> Figure:
    originals = test[: len(results[0].examples)]
    low, high = originals.min(), max(originals.max(), originals.min() + 1e-9)
    strips = [("original", originals)]
    strips += [(f"{r.method}, {r.n_components}", r.examples) for r in results]
    figure = Figure(figsize=(9, 0.72 * len(strips)), layout="constrained")
    for axes, (label, rows) in zip(
        figure.subplots(len(strips), squeeze=False)[:, 0], strips, strict=True
    ):
        images = np.hstack([row.reshape(image_shape) for row in (rows - low) / (high - low)])
        axes.imshow(images.clip(0, 1), cmap="gray_r", vmin=0, vmax=1)
        axes.set_axis_off()
        axes.text(-2, image_shape[0] / 2, label, ha="right", va="center", fontsize=9)
    return figure


def _code_figure(table: Table, result: Result) -> Figure:
    """A map of one code."""
    figure = Figure(figsize=(5, 5), layout="constrained")
    axes = figure.subplots()
    axes.set(title=result.method, xlabel="component 1", ylabel="component 2")
    first, second = result.codes.T
    target = table.test_target
    if target is None:
        axes.scatter(first, second, s=6, color=COLORS[result.method])
        return figure
    if not table.are_classes:
        dots = axes.scatter(first, second, s=6, c=target, cmap="viridis")
        figure.colorbar(dots, ax=axes, label=table.target_name, location="bottom", shrink=0.8)
        return figure
    classes = np.unique(target)
    colors = matplotlib.colormaps["tab10" if len(classes) <= 10 else "turbo"]
    for number, label in enumerate(classes):
        is_here = target == label
        color = colors(number if len(classes) <= 10 else number / (len(classes) - 1))
        axes.scatter(first[is_here], second[is_here], s=6, color=color, label=str(label))
    if len(classes) <= 20:
        figure.legend(
            title=table.target_name, loc="outside lower center", ncols=min(5, len(classes)),
            markerscale=2, columnspacing=1, handletextpad=0.2,
        )  # fmt: skip
    return figure

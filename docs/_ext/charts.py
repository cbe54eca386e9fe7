"""Bars beside the measured tables, made of the same files: ``{chart} compare_pca``.

They are text and boxes and no pictures, so that they have the colours of the page, light or dark,
and letters that can be read on a phone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from result_tables import RESULTS, read

OURS = "DenoisingAutoencoder"


@dataclass
class Bar:
    """One number: whose it is, and how it is written."""

    name: str
    value: float
    text: str
    is_ours: bool = False


Groups = list[tuple[str, list[Bar]]]


def compare_pca(results: Any) -> Groups:
    """Squared errors of both methods on all of MNIST, one group for each size."""
    chosen = sorted((r for r in results if r["data"] == "mnist"), key=lambda r: r["k"])
    return [
        (
            f"{r['k']} components",
            [
                Bar("PCA", r["pca"], f"{r['pca']:.2f}"),
                Bar("skae", r["autoencoder"], f"{r['autoencoder']:.2f}", True),
            ],
        )
        for r in chosen
    ]


def small_tables(results: Any) -> Groups:
    """Error over PCA's on the tables that scikit-learn ships, at the largest size of each."""
    tables = {r["table"]: r for r in results["errors"]}
    groups = []
    for name in ("iris", "wine", "diabetes", "cancer", "digits"):
        mean = sum(tables[name]["ratios"]) / len(tables[name]["ratios"])
        bars = [Bar("PCA", 1.0, "1.00"), Bar("skae", mean, f"{mean:.2f}", True)]
        groups.append((f"{name}, {tables[name]['n_components']} components", bars))
    return groups


def denoising(results: Any) -> Groups:
    """PSNR gained over the noisy images: ridge regression, the best of the others, and ours."""
    groups = []
    for noise in dict.fromkeys(r["noise"] for r in results if r["method"] == OURS):
        every = {r["method"]: r["psnr"] for r in results if r["noise"] == noise}
        start = every.pop("noisy", every.pop("noisy digits", None))
        ours = every.pop(OURS)
        others = {name: v for name, v in every.items() if "blind" not in name and OURS not in name}
        chosen = dict.fromkeys(
            [next(n for n in others if "ridge" in n), max(others, key=others.get)]
        )
        bars = [Bar(name, others[name] - start, f"+{others[name] - start:.1f}") for name in chosen]
        bars.append(Bar("skae", ours - start, f"+{ours - start:.1f}", True))
        groups.append((noise.replace("_", " "), bars))
    return groups


def fit_speed(results: Any) -> Groups:
    """Time of a fit over that of a loop by hand, one net and one size of batch."""
    chosen = [r for r in results if (r["net"], r["batch"]) == ("medium", 256)]
    names = {"by hand": "loop by hand", "skae, random": 'skae, init="random"', "skae": "skae"}
    names |= {name: name for name in ("encdr", "skorch", "MLPRegressor", "PyOD")}
    rows = [r for r in chosen if r["system"] in names]
    key = "time / plain loop"
    bars = [
        Bar(names[r["system"]], r[key], f"{r[key]:.2f}", r["system"].startswith("skae"))
        for r in sorted(rows, key=lambda r: r[key])
    ]
    return [("784-256-64, batches of 256", bars)]


CHARTS: dict[str, Callable[[Any], Groups]] = {
    "compare_pca": compare_pca,
    "denoise_digits": denoising,
    "denoising": denoising,
    "fit_speed": fit_speed,
    "small_tables": small_tables,
}


def draw(groups: Groups) -> str:
    """Write bars as HTML; the longest has the whole width."""
    longest = max(bar.value for _, bars in groups for bar in bars)
    lines = ['<div class="bars">']
    for title, bars in groups:
        lines.append(f'<div class="group"><p class="title">{escape(title)}</p>')
        for bar in bars:
            kind = "bar ours" if bar.is_ours else "bar"
            lines.append(
                f'<p class="{kind}"><span class="name">{escape(bar.name)}</span>'
                f'<span class="track"><span class="length" style="width: '
                f'{100 * bar.value / longest:.1f}%"></span><span class="value">{bar.text}</span>'
                "</span></p>"
            )
        lines.append("</div>")
    return "\n".join([*lines, "</div>"])


class Chart(Directive):
    """The bars of one benchmark; nothing where no results are kept of it."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Draw."""
        name = self.arguments[0]
        try:
            record = read(name)
        except FileNotFoundError:
            return []
        self.state.document.settings.env.note_dependency(str(RESULTS / f"{name}.json"))
        return [nodes.raw("", draw(CHARTS[name](record["results"])), format="html")]


def setup(app: Any) -> dict[str, Any]:
    """Add the directive to Sphinx."""
    app.add_directive("chart", Chart)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}

"""The tables of README.md, written from ``benchmarks/results``: ``python docs/_ext/readme.py``.

A table stands behind a comment that names what it shows, ``<!-- measured: compare_pca -->``. No
figure in it is typed; a test says so.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
MARK = re.compile(r"(<!-- measured: (\w+) -->\n\n)((?:\|.*\n)+)")

Rows = list[list[str]]

SHIPPED = {"iris": "iris", "wine": "wine", "diabetes": "diabetes", "cancer": "breast cancer",
           "digits": "digits"}  # fmt: skip
"""Tables that scikit-learn ships, and what they are called."""

SYSTEMS = {
    "by hand": "loop by hand", "skae, random": '`AutoencoderTransformer`, `init="random"`',
    "by hand, PCA and linear path": "loop by hand that corrects scikit-learn's PCA",
    "skae": "`AutoencoderTransformer`", "encdr": "encdr", "skorch": "skorch",
    "MLPRegressor": "MLPRegressor(X, X)", "PyOD": "PyOD",
}  # fmt: skip


def compare_pca(results: Any) -> Rows:
    """Squared errors on all of MNIST."""
    chosen = sorted((r for r in results if r["data"] == "mnist"), key=lambda r: r["k"])

    def cells(one: str, other: str) -> list[str]:
        return [f"**{r[one]:.2f}**" if r[one] < r[other] else f"{r[one]:.2f}" for r in chosen]

    return [
        ["components", *(str(r["k"]) for r in chosen)],
        ["PCA", *cells("pca", "autoencoder")],
        ["`AutoencoderTransformer`", *cells("autoencoder", "pca")],
    ]


def small_tables(results: Any) -> Rows:
    """Mean error over PCA's on the tables that scikit-learn ships."""
    means = {
        (r["table"], r["n_components"]): sum(r["ratios"]) / len(r["ratios"])
        for r in results["errors"]
    }
    sizes = sorted({size for name, size in means if name in SHIPPED})
    cells = {key: f"{mean:.2f}" for key, mean in means.items()}
    return [
        ["components", *SHIPPED.values()],
        *([str(k), *(cells.get((name, k), "") for name in SHIPPED)] for k in sizes),
    ]


def denoising(results: Any) -> Rows:
    """PSNR of each method on each noise, the best of each in bold."""
    ours = "DenoisingAutoencoder"
    noises = list(dict.fromkeys(r["noise"] for r in results if r["method"] == ours))
    cells = {(r["method"], r["noise"]): r["psnr"] for r in results if r["noise"] in noises}
    methods = [m for m in dict.fromkeys(method for method, _ in cells) if "blind" not in m]
    methods = [*(m for m in methods if m != ours), ours]
    best = {n: max(cells[m, n] for m in methods) for n in noises}
    words = {ours: f"`{ours}`", f"{ours}, defaults": f"`{ours}`, defaults"}
    words |= {"linear (ridge)": "ridge, full rank", "noisy digits": "noisy"}
    rows = [["", *(noise.replace("_", " ") for noise in noises)]]
    for m in methods:
        texts = {n: f"{cells[m, n]:.2f}" for n in noises}
        marked = [f"**{texts[n]}**" if cells[m, n] == best[n] else texts[n] for n in noises]
        rows.append([words.get(m, m), *marked])
    return rows


def fit_speed(results: Any) -> Rows:
    """Time over that of a loop by hand and error, one net and one size of batch."""
    chosen = {r["system"]: r for r in results if (r["net"], r["batch"]) == ("medium", 256)}
    least = min(chosen[name]["test error"] for name in SYSTEMS)
    rows = [["", "time", "squared error of a test image"]]
    for name, words in SYSTEMS.items():
        error = chosen[name]["test error"]
        text = f"**{error:.2f}**" if error == least else f"{error:.2f}"
        rows.append([words, f"{chosen[name]['time / plain loop']:.2f}", text])
    return rows


TABLES: dict[str, Callable[[Any], Rows]] = {
    "compare_pca": compare_pca,
    "denoise_digits": denoising,
    "denoising": denoising,
    "fit_speed": fit_speed,
    "small_tables": small_tables,
}


def with_measured_tables(text: str) -> str:
    """Write each table that stands behind a mark anew."""

    def table(match: re.Match[str]) -> str:
        record = json.loads((ROOT / "benchmarks" / "results" / f"{match[2]}.json").read_text())
        first, *rows = TABLES[match[2]](record["results"])
        lines = [first, ["---"] * len(first), *rows]
        return match[1] + "".join(f"| {' | '.join(line)} |\n" for line in lines)

    return MARK.sub(table, text)


if __name__ == "__main__":
    path = ROOT / "README.md"
    path.write_text(with_measured_tables(path.read_text()))

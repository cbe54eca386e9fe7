"""What each benchmark found as a table of a page: headings, and rows of texts."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results"

Rows = list[list[str]]

DATA = {"mnist": "60,000 images", "sample": "5,000 images"}
"""What benchmarks call the two sets of training images."""


def look_up(record: Any, steps: list[str]) -> Any:
    """Follow a path through what a JSON file holds."""
    for step in steps:
        key, is_choice, value = step.partition("=")
        if is_choice:
            record = [item for item in record if str(item.get(key)) == value]
        elif isinstance(record, list):
            (one,) = record  # what is chosen has to be one
            record = one[step]
        else:
            record = record[step]
    return record


def read(name: str) -> dict[str, Any]:
    """Read the record of one benchmark."""
    return json.loads((RESULTS / f"{name}.json").read_text())


def compare_pca(results: Any) -> tuple[list[str], Rows]:
    """Both errors at every size, their ratio and the time."""
    rows = []
    for result in sorted(results, key=lambda r: (r["data"], r["k"])):
        pca, ours = result["pca"], result["autoencoder"]
        rows.append([
            str(result["k"]), f"{pca:.2f}", f"{ours:.2f}", f"{ours / pca:.2f}",
            str(result["best_iter"]), f"{result['fit_seconds']:.0f}",
        ])  # fmt: skip
        if len({r["data"] for r in results}) > 1:
            rows[-1][0] = f"{DATA[result['data']]}, {rows[-1][0]}"
    return ["components", "PCA", "autoencoder", "ratio", "epoch kept", "fit, s"], rows


def denoising(results: Any) -> tuple[list[str], Rows]:
    """PSNR of each method (rows) for each noise (columns)."""
    noises = [result["noise"] for result in results if result["method"] == "DenoisingAutoencoder"]
    results = [result for result in results if result["noise"] in noises]
    methods = list(dict.fromkeys(result["method"] for result in results))
    cells = {(r["method"], r["noise"]): r for r in results}
    best = {n: max(r["psnr"] for r in results if r["noise"] == n) for n in noises}

    def cell(method: str, noise: str) -> str:
        result = cells.get((method, noise))
        if result is None:
            return ""
        mark = "**" if result["psnr"] == best[noise] else ""
        return f"{mark}{result['psnr']:.2f}{mark}"

    rows = [[method, *(cell(method, noise) for noise in noises)] for method in methods]
    return ["", *(noise.replace("_", " ") for noise in noises)], rows


def convolutions(results: Any) -> tuple[list[str], Rows]:
    """Error, PSNR, size and times over those of the dense net."""
    first = next(iter(results.values()))
    rows = [
        [
            name, str(r["epochs"]), f"{r['weights'] / 1e6:.2f} M", f"{r['squared_error']:.2f}",
            f"{r['psnr']:.2f}", f"{r['fit_seconds'] / first['fit_seconds']:.2f}",
            f"{r['denoising_fit_seconds'] / first['denoising_fit_seconds']:.2f}",
            f"{first['transform_rows_per_second'] / r['transform_rows_per_second']:.1f}",
        ]
        for name, r in results.items()
    ]  # fmt: skip
    return [
        "network", "epochs", "weights", "squared error", "PSNR, dB", "training",
        "training, denoiser", "transform",
    ], rows  # fmt: skip


def founding_model(results: Any) -> tuple[list[str], Rows]:
    """Squared error per pixel of the three models."""
    rows = [[name, f"{value:.5f}"] for name, value in results.items() if isinstance(value, float)]
    return ["model", "squared error per pixel"], rows


def swap_codes(results: Any) -> tuple[list[str], Rows]:
    """Accuracies on both codes."""
    rows = [
        [r["table"], str(r["n_components"]), r["activation"], f"{r['PCA']:.2f}",
         f"{r['swap']:.2f}", f"{r['gain']:+z.2f}"]
        for r in results
    ]  # fmt: skip
    return [
        "table", "components", "activation", "PCA code, %", "swap code, %", "difference",
    ], rows  # fmt: skip


def before_a_classifier(results: Any) -> tuple[list[str], Rows]:
    """Errors of each method (rows) for each number of labels (columns), and seconds of the last."""
    numbers = sorted({result["labels"] for result in results})
    cells = {(r["method"], r["labels"]): r for r in results}
    best = {n: min(r["error, %"] for r in results if r["labels"] == n) for n in numbers}

    def cell(method: str, number: int) -> str:
        result = cells.get((method, number))
        if result is None:
            return ""
        mark = "**" if result["error, %"] == best[number] else ""
        return f"{mark}{result['error, %']:.2f} ± {result['standard error']:.2f}{mark}"

    methods = dict.fromkeys(result["method"] for result in results)
    rows = [[method, *(cell(method, number) for number in numbers)] for method in methods]
    return ["", *(f"{number:,} labels" for number in numbers)], rows


def supervised_sizes(results: Any) -> tuple[list[str], Rows]:
    """What codes of several sizes (columns) tell of the class, and what they keep of the rows."""
    numbers = sorted({result["k"] for result in results})
    cells = {
        (r["method"], r["k"]): f"{r['accuracy, %']:.1f} % / {r['unexplained']:.3f}" for r in results
    }
    methods = dict.fromkeys(result["method"] for result in results)
    rows = [[method, *(cells[method, number] for number in numbers)] for method in methods]
    return ["", *(f"{number} components" for number in numbers)], rows


def codes_of_numbers(results: Any) -> tuple[list[str], Rows]:
    """R2 on each code, and how far the supervised one is from the best other."""
    names = ["PCR", "PLS", "code", "supervised code"]
    rows = []
    for r in results:
        ahead = r["supervised code"] - max(r["PCR"], r["PLS"])
        rows.append([r["table"], str(r["k"]), *(f"{r[n]:.3f}" for n in names), f"{ahead:+z.3f}"])
    return ["table", "components", *names, "ahead"], rows


def codes_of_tables(results: Any) -> tuple[list[str], Rows]:
    """Accuracy on each code, and how far the supervised one is from the best other."""
    names = ["PCA", "LDA", "PLS", "code", "supervised code"]
    rows = []
    for r in results:
        ahead = r["supervised code"] - max(r[name] for name in ("PCA", "LDA", "PLS"))
        rows.append([r["table"], str(r["k"]), *(f"{r[n]:.2f}" for n in names), f"{ahead:+z.2f}"])
    return ["table", "components", *names, "ahead"], rows


def ordered(results: Any) -> tuple[list[str], Rows]:
    """Errors of one ordered fit at each size, beside PCA's and those of a fit for the size.

    The latter are those of ``compare_pca.py`` where this benchmark has none of its own.
    """
    compared = look_up(read("compare_pca"), ["results", "data=mnist"])
    own = {r["k"]: r["autoencoder"] for r in compared}
    own |= {r["k"]: r["own"] for r in look_up(results, ["part=own"])}
    times = {r["k"]: r["seconds"] / r["own seconds"] for r in look_up(results, ["part=times"])}
    rows = []
    for r in look_up(results, ["part=sizes"]):
        k, pca, error = r["k"], r["PCA"], r["ordered"]
        rows.append([str(k), f"{pca:.2f}", f"{error:.2f}", f"{error / pca:.3f}"])
        rows[-1] += [f"{own[k]:.2f}", f"{error / own[k]:.2f}"] if k in own else ["", ""]
        rows[-1].append(f"{times[k]:.2f}" if k in times else "")
    return [
        "components", "PCA", "ordered", "ordered over PCA", "a fit for the size", "over that fit",
        "time over that fit's",
    ], rows  # fmt: skip


def ordered_tables(results: Any) -> tuple[list[str], Rows]:
    """Mean and worst ratio of each small table and size."""
    rows = [
        [r["data"], str(r["k"]), f"{_mean(r['ratios']):.3f}", f"{max(r['ratios']):.3f}"]
        for r in look_up(results, ["part=tables"])
    ]
    return ["table", "components", "mean ratio", "worst seed"], rows


def ordered_searches(results: Any) -> tuple[list[str], Rows]:
    """Best size, accuracy and time of a grid search with one fit for all sizes, or one for each."""
    found = look_up(results, ["part=searches"])
    longest = {r["data"]: max(o["seconds"] for o in found if o["data"] == r["data"]) for r in found}
    rows = [
        [r["data"], r["search"], str(r["best size"]), f"{r['accuracy']:.3f}",
         f"{r['standard error']:.3f}", f"{r['seconds'] / longest[r['data']]:.2f}"]
        for r in found
    ]  # fmt: skip
    return ["data", "search with", "best size", "accuracy", "standard error", "time"], rows


def ordered_shares(results: Any) -> tuple[list[str], Rows]:
    """How many components a share of the variance takes, and what they explain of new rows."""
    rows = [
        [r["data"], str(r["share"]), r["model"], str(r["number"]), f"{r['explained']:.3f}",
         str(r["PCA's number"]), f"{r['PCA explains']:.3f}"]
        for r in look_up(results, ["part=shares"])
    ]  # fmt: skip
    return [
        "data", "share", "model", "components", "explained", "PCA's components", "PCA explains",
    ], rows  # fmt: skip


def outliers(results: Any) -> tuple[list[str], Rows]:
    """Mean AUROC and average precision of each method over the tables of ADBench."""
    results = [r for r in results if r["set"] == "adbench"]
    columns = [(key, p) for key in MEASURES for p in dict.fromkeys(r["protocol"] for r in results)]
    rows = _rows_of_means(results, [({"protocol": protocol}, key) for key, protocol in columns])
    return ["", *(f"{MEASURES[key]}, {protocol}" for key, protocol in columns)], rows


def outliers_elsewhere(results: Any) -> tuple[list[str], Rows]:
    """Mean AUROC of each method over the tables of the other sets."""
    results = [r for r in results if r["set"] != "adbench"]
    columns = list(dict.fromkeys((r["set"], r["protocol"]) for r in results))
    rows = _rows_of_means(
        results, [({"set": group, "protocol": protocol}, "auroc") for group, protocol in columns]
    )
    return ["", *(", ".join(column) for column in columns)], rows


MEASURES = {"auroc": "AUROC", "average_precision": "average precision"}


def _rows_of_means(results: Any, columns: list[tuple[dict[str, str], str]]) -> Rows:
    """A row for each method, a column for each choice of results; the best of each is strong."""
    means: dict[str, list[float]] = {}
    for method in dict.fromkeys(r["method"] for r in results):
        chosen = [
            [r[key] for r in results if ({"method": method} | choice).items() <= r.items()]
            for choice, key in columns
        ]
        means[method] = [_mean(values) if values else -1.0 for values in chosen]
    best = [max(values) for values in zip(*means.values(), strict=True)]

    def cell(value: float, top: float) -> str:
        mark = "**" if value == top else ""
        return "" if value < 0 else f"{mark}{value:.1f}{mark}"

    return [[method, *map(cell, values, best)] for method, values in means.items()]


def outliers_by_table(results: Any) -> tuple[list[str], Rows]:
    """AUROC of each method for each table of all sets, normal and contaminated."""
    methods = list(dict.fromkeys(r["method"] for r in results))
    cells = {(r["set"], r["table"], r["protocol"], r["method"]): r["auroc"] for r in results}

    def cell(*key: str) -> str:
        values = [cells.get((*key[:2], p, key[2])) for p in ("normal", "contaminated")]
        return ", ".join(f"{value:.1f}" for value in values if value is not None)

    tables = dict.fromkeys((r["set"], r["table"]) for r in results)
    return ["table", "set", *methods], [
        [name, group, *(cell(group, name, method) for method in methods)] for group, name in tables
    ]


def outlier_speed(results: Any) -> tuple[list[str], Rows]:
    """Seconds of a fit of each method, and ratios."""
    return _plain_table(results["fits"])


def outlier_scoring(results: Any) -> tuple[list[str], Rows]:
    """Rows that are scored in a second."""
    return _plain_table(results["scoring"])


def show(value: Any) -> str:
    """Write a number, a list of numbers or anything else in a cell."""
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    if isinstance(value, list) and value and isinstance(value[0], list):
        return "; ".join(map(show, value))
    if isinstance(value, list):
        return ", ".join(map(show, value))
    return str(value)


def _plain_table(rows: list[dict[str, Any]]) -> tuple[list[str], Rows]:
    return list(rows[0]), [[show(value) for value in row.values()] for row in rows]


def imputation(results: Any) -> tuple[list[str], Rows]:
    """Mean error of each method, over seeds, for each table and pattern of gaps."""
    methods = list(dict.fromkeys(r["method"] for r in results))
    rows = []
    for name, pattern in dict.fromkeys((r["table"], r["pattern"]) for r in results):
        errors = _errors_of(results, name, pattern)
        best = min(errors.values())
        marks = {method: "**" if error == best else "" for method, error in errors.items()}
        cells = [f"{marks[m]}{errors[m]:.3f}{marks[m]}" if m in errors else "" for m in methods]
        rows.append([f"{name}, {pattern}", *cells])
    return ["table, missing", *methods], rows


def imputation_in_brief(results: Any) -> tuple[list[str], Rows]:
    """Ours over each other method, where both are measured."""
    rows = []
    cells = list(dict.fromkeys((r["table"], r["pattern"]) for r in results))
    for other in dict.fromkeys(r["method"] for r in results if r["method"] != "ours"):
        shares, seconds = [], []
        for name, pattern in cells:
            errors = _errors_of(results, name, pattern)
            if "ours" not in errors or other not in errors:
                continue
            shares.append(errors["ours"] / errors[other])
            times = _errors_of(results, name, pattern, "seconds")
            seconds.append((times["ours"], times[other]))
        ours, theirs = (sum(part) for part in zip(*seconds, strict=True))
        rows.append([
            other, str(len(shares)), f"{_mean(shares):.3f}", f"{min(shares):.3f}",
            f"{max(shares):.3f}", f"{ours / theirs:.2f}",
        ])  # fmt: skip
    return ["ours over", "cells", "mean error", "lowest", "highest", "seconds"], rows


def _errors_of(results: Any, name: str, pattern: str, key: str = "error") -> dict[str, float]:
    here = [r for r in results if (r["table"], r["pattern"]) == (name, pattern)]
    return {
        method: _mean(r[key] for r in here if r["method"] == method)
        for method in dict.fromkeys(r["method"] for r in here)
    }


def table_codes(results: Any) -> tuple[list[str], Rows]:
    """Words that come back from the code, and a classifier's accuracy on it."""
    places = list(dict.fromkeys((r["table"], r["n_components"]) for r in results))
    cells = {(r["table"], r["n_components"], r["method"]): r for r in results}

    def cell(place: tuple, method: str, key: str) -> str:
        result = cells.get((*place, method), {})
        return "" if result.get(key) is None else f"{result[key]:.1f}"

    rows = [
        [method, *(" / ".join(filter(None, (
            cell(place, method, "words_restored"), cell(place, method, "accuracy")
        ))) for place in places)]
        for method in dict.fromkeys(r["method"] for r in results)
    ]  # fmt: skip
    return ["words restored / accuracy, %", *(f"{name}, {k}" for name, k in places)], rows


def _mean(values: Any) -> float:
    values = list(values)
    return sum(values) / len(values)


def small_tables(results: Any) -> tuple[list[str], Rows]:
    """Mean and worst ratio of each table and size."""
    rows = [
        [r["table"], str(r["n_components"]), f"{sum(r['ratios']) / len(r['ratios']):.3f}",
         f"{min(r['ratios']):.3f}", f"{max(r['ratios']):.3f}", str(len(r["ratios"]))]
        for r in results["errors"]
    ]  # fmt: skip
    return ["table", "components", "mean ratio", "best seed", "worst seed", "seeds"], rows


def small_table_times(results: Any) -> tuple[list[str], Rows]:
    """Seconds of a fit beside those of MLPRegressor."""
    rows = [
        [r["table"], str(r["n_components"]), str(r["threads"]), f"{r['seconds']:.2f}",
         f"{r['MLPRegressor']:.2f}", f"{r['ratio']:.2f}"]
        for r in results["times"]
    ]  # fmt: skip
    return ["table", "components", "threads", "fit, s", "MLPRegressor, s", "ratio"], rows


def small_table_searches(results: Any) -> tuple[list[str], Rows]:
    """Seconds and best accuracy of a whole grid search."""
    rows = [
        [r["table"], r["method"], f"{r['seconds']:.1f}", f"{r['accuracy']:.3f}",
         str(r["best size"])]
        for r in results["searches"]
    ]  # fmt: skip
    return ["table", "method", "search, s", "accuracy", "best size"], rows


TABLES: dict[str, Callable[[Any], tuple[list[str], Rows]]] = {
    "before_a_classifier": before_a_classifier,
    "codes_of_numbers": codes_of_numbers,
    "codes_of_tables": codes_of_tables,
    "compare_pca": compare_pca,
    "convolutions": convolutions,
    "denoise_digits": denoising,
    "denoising": denoising,
    "founding_model": founding_model,
    "imputation": imputation,
    "imputation/brief": imputation_in_brief,
    "ordered": ordered,
    "ordered/searches": ordered_searches,
    "ordered/shares": ordered_shares,
    "ordered/tables": ordered_tables,
    "outliers": outliers,
    "outliers/elsewhere": outliers_elsewhere,
    "outliers/tables": outliers_by_table,
    "outlier_speed": outlier_speed,
    "outlier_speed/scoring": outlier_scoring,
    "small_tables": small_tables,
    "small_tables/times": small_table_times,
    "small_tables/searches": small_table_searches,
    "supervised_sizes": supervised_sizes,
    "swap_codes": swap_codes,
    "table_codes": table_codes,
}

"""What the benchmarks share: where MNIST is, what machine this is, how a result is kept."""

import json
import multiprocessing
import os
import platform
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import numpy as np
import torch

from skae.datasets import fetch_mnist

RESULTS = Path(__file__).parent / "results"
LOCAL_MNIST = Path(__file__).parents[2] / "shared" / "data" / "mnist"


def mnist() -> tuple[np.ndarray, np.ndarray]:
    """The 60,000 training and the 10,000 test images, in [0, 1]."""
    if LOCAL_MNIST.is_dir():
        os.environ.setdefault("SKAE_DATA", str(LOCAL_MNIST))
    return fetch_mnist(subset="train").data, fetch_mnist(subset="test").data


def squared_error(model, X: np.ndarray) -> float:
    """Mean over rows of the summed squared error of the reconstruction."""
    return mean_squared_error(model.inverse_transform(model.transform(X)), X)


def mean_squared_error(reconstruction: np.ndarray, X: np.ndarray) -> float:
    """Mean over rows of the summed squared error."""
    return float(np.square(reconstruction - X, dtype=np.float64).sum(axis=1).mean())


def peak_gflops(size: int = 1024, repeats: int = 20) -> float:
    """The fastest of some float32 matrix products, in GFLOP/s."""
    a, b = torch.randn(size, size), torch.randn(size, size)
    seconds = []
    for _ in range(repeats):
        start = perf_counter()
        a @ b
        seconds.append(perf_counter() - start)
    return 2e-9 * size**3 / min(seconds)


def peak_memory(function, small: tuple, large: tuple) -> float:
    """Peak memory in MB of a call with large arguments, above what stood there before it.

    In a process of its own, after a call with small arguments has loaded all that it imports.
    """
    context = multiprocessing.get_context("spawn")
    answer = context.SimpleQueue()
    process = context.Process(target=_measure_memory, args=(answer, function, small, large))
    process.start()
    process.join()
    return answer.get()


def _measure_memory(answer, function, small, large) -> None:
    function(*small)
    # A process begins with the peak of the one that started it: set it back.
    Path("/proc/self/clear_refs").write_text("5")
    before = status("VmRSS")
    function(*large)
    answer.put((status("VmHWM") - before) / 1e3)


def status(name: str) -> int:
    """A line of ``/proc/self/status``, in kB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def table(rows: list[dict]) -> str:
    """Rows as a Markdown table."""
    cells = [list(rows[0])] + [[_cell(value) for value in row.values()] for row in rows]
    lines = ["| " + " | ".join(row) + " |" for row in cells]
    return "\n".join([lines[0], "|" + "---|" * len(rows[0]), *lines[1:]])


def _cell(value) -> str:
    if isinstance(value, float):
        return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return str(value)


def machine() -> dict:
    """The machine, in words."""
    cpu = platform.processor()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        cpu = next((ln.split(":")[1].strip() for ln in lines if ln.startswith("model name")), cpu)
    return {"cpu": cpu, "threads": torch.get_num_threads(), "torch": torch.__version__,
            "python": platform.python_version()}  # fmt: skip


def keep(name: str, results, by: Sequence[str] = (), part: str | None = None) -> None:
    """Write the results and the machine as JSON.

    With ``by``, rows of earlier runs stay where they differ in these keys; a row may lack some of
    them. Where they were measured on another machine, the record says of these rows, by the name
    ``part`` or by what they have in the first key, on which. Errors depend on a machine by rounding
    alone, and seconds are compared within a row.
    """
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    record = {"machine": machine(), "results": results}
    if by and path.exists():
        earlier = json.loads(path.read_text())
        is_another = any(earlier["machine"].get(k) != v for k, v in record["machine"].items())
        if is_another and part is None:
            part = f"{by[0]} {', '.join(dict.fromkeys(str(row.get(by[0])) for row in results))}"
        here = f"{record['machine']['cpu']}, threads: {record['machine']['threads']}"
        record["machine"] = earlier["machine"] | ({f"{part} on": here} if is_another else {})
        kept = _grouped(earlier["results"], by) | _grouped(results, by)
        record["results"] = [row for rows in kept.values() for row in rows]
    path.write_text(json.dumps(record, indent=2) + "\n")


def _grouped(rows: list[dict], by: Sequence[str]) -> dict[tuple, list[dict]]:
    groups: dict[tuple, list[dict]] = {}
    for row in rows:
        groups.setdefault(tuple(row.get(key) for key in by), []).append(row)
    return groups

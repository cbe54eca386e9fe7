"""What the benchmarks share: where MNIST is, what machine this is, how a result is kept."""

import json
import os
import platform
from pathlib import Path

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
    reconstruction = model.inverse_transform(model.transform(X))
    return float(np.square(reconstruction - X, dtype=np.float64).sum(axis=1).mean())


def machine() -> dict:
    """The machine, in words."""
    cpu = platform.processor()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        cpu = next((ln.split(":")[1].strip() for ln in lines if ln.startswith("model name")), cpu)
    return {"cpu": cpu, "threads": torch.get_num_threads(), "torch": torch.__version__,
            "python": platform.python_version()}  # fmt: skip


def keep(name: str, results) -> None:
    """Write the results and the machine as JSON."""
    RESULTS.mkdir(exist_ok=True)
    record = {"machine": machine(), "results": results}
    (RESULTS / f"{name}.json").write_text(json.dumps(record, indent=2) + "\n")

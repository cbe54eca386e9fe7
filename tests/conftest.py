import os

# Before scipy is imported: without it scikit-learn skips its array API checks.
os.environ.setdefault("SCIPY_ARRAY_API", "1")

from pathlib import Path

import numpy as np
import pytest
import torch

MNIST = Path(__file__).parents[2] / "shared" / "data" / "mnist"

if "PYTEST_XDIST_WORKER" in os.environ:
    # One thread for each worker: the workers already share the cores.
    torch.set_num_threads(1)


@pytest.fixture
def mnist_folder():
    if not MNIST.is_dir():
        pytest.skip("the IDX files of MNIST are not beside this checkout")
    return MNIST


@pytest.fixture
def X():
    """200 rows on a curved surface in 8 dimensions, float32."""
    rng = np.random.default_rng(0)
    latent = rng.uniform(-1, 1, size=(200, 2))
    curved = np.column_stack(
        [latent, latent**2, np.sin(3 * latent), latent.prod(axis=1), latent.sum(axis=1)]
    )
    return (curved + 0.01 * rng.normal(size=curved.shape)).astype(np.float32)

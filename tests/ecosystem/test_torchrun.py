import os
import subprocess
import sys

import numpy as np
import pytest
import torch
from numpy.testing import assert_allclose
from sklearn.datasets import load_digits

from skae.persistence import load_safetensors

pytestmark = pytest.mark.skipif(
    not torch.distributed.is_available(), reason="this torch has no torch.distributed"
)


def test_two_processes_end_where_one_does(recipe, tmp_path):
    script = tmp_path / "train.py"
    script.write_text(recipe("One training on several processes"))
    X = load_digits().data
    models = {}
    for n_ranks in (1, 2):
        file = tmp_path / f"{n_ranks}.safetensors"
        subprocess.run(
            [sys.executable, "-m", "torch.distributed.run", "--standalone",
             f"--nproc-per-node={n_ranks}", script, file],
            check=True, timeout=240,
            env={**os.environ, "OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"},
        )  # fmt: skip
        models[n_ranks] = load_safetensors(file)
    one, two = models[1], models[2]
    assert_allclose(two.reconstruct(X), one.reconstruct(X), rtol=0, atol=1e-12 * np.ptp(X))
    for name, weight in one.module_.state_dict().items():
        assert_allclose(two.module_.state_dict()[name], weight, rtol=0, atol=1e-12)
    assert -one.score_samples(X).mean() < 64 * min(one.validation_loss_curve_)

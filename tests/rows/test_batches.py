"""Rows in batches: each row once, with the noise and the linear code that belong to it."""

import pytest
import torch
from scipy import sparse
from torch import nn

from skae._rows import batches as batches_module
from skae._rows import tensors
from skae._rows.batches import Batches, Pairs
from skae._rows.tensors import rows_at_once
from skae.architectures import Autoencoder
from skae.corruption import Gaussian


@pytest.mark.parametrize("make", [torch.as_tensor, lambda X: sparse.csr_array(X.numpy())])
def test_an_epoch_has_each_row_once(make):
    X = torch.arange(1.0, 12).reshape(11, 1)
    module = Autoencoder(nn.Identity(), nn.Identity(), torch.zeros(1), 0.5)
    generator = torch.Generator().manual_seed(0)
    batches = Batches(Pairs(make(X)), torch.arange(11), 4, module, order=generator)
    epochs = [torch.cat([source for source, *_ in batches]) for _ in range(2)]
    assert len(batches) == 3
    assert not torch.equal(*epochs)
    for epoch in epochs:
        torch.testing.assert_close(epoch.sort(dim=0).values, 2 * X)


@pytest.mark.parametrize(
    ("n_rows", "batch_size", "sizes"),
    [(9, 4, [4, 5]), (5, 4, [5]), (3, 2, [3]), (10, 4, [4, 4, 2]), (8, 4, [4, 4]), (1, 1, [1]),
     (3, 1, [1, 1, 1]), (1, 8, [1])],
)  # fmt: skip
def test_a_row_that_is_left_over_joins_the_batch_before(n_rows, batch_size, sizes):
    module = Autoencoder(nn.Identity(), nn.Identity(), torch.zeros(1), 1.0)
    batches = Batches(Pairs(torch.ones(n_rows, 1)), torch.arange(n_rows), batch_size, module)
    assert [len(batch.source) for batch in batches] == sizes
    assert len(batches) == len(sizes)


@pytest.mark.parametrize("same_noise", [True, False])
def test_noise_is_fresh_for_every_epoch_of_training_alone(same_noise):
    X = torch.zeros(11, 3)
    module = Autoencoder(nn.Identity(), nn.Identity(), torch.zeros(3), 1.0)
    pairs = Pairs(X, corruption=Gaussian(1.0))
    batches = Batches(pairs, torch.arange(11), 4, module, same_noise=same_noise)
    first, second = (torch.cat([source for source, *_ in batches]) for _ in range(2))
    assert torch.equal(first, second) == same_noise
    assert all(not batch.target.any() for batch in batches)


@pytest.mark.parametrize("make", [torch.as_tensor, lambda X: sparse.csr_array(X.numpy())])
def test_linear_codes_come_with_the_rows_they_belong_to(make, monkeypatch):
    monkeypatch.setattr(tensors, "MAX_CELLS_AT_ONCE", 12)  # 4 rows of 3
    X = torch.randn(11, 3, generator=torch.Generator().manual_seed(0))
    module = Autoencoder(nn.Identity(), nn.Identity(), X.mean(0), 2.0, torch.eye(3, 2), None)
    pairs = Pairs(make(X)).with_linear_code(module)
    batches = Batches(pairs, torch.arange(11), 4, module, order=torch.Generator())
    for batch in batches:
        torch.testing.assert_close(batch.linear_code, batch.source[:, :2])


@pytest.mark.parametrize(
    ("corruption", "to_code", "limit", "kept"),
    [
        (None, torch.eye(3, 2), 22, True),
        (None, torch.eye(3, 2), 21, False),
        (None, None, 22, False),
        (Gaussian(1.0), torch.eye(3, 2), 22, False),
    ],
    ids=["small", "large", "no linear path", "fresh noise"],
)
def test_linear_codes_are_kept_where_they_are_few_and_stay_the_same(
    corruption, to_code, limit, kept, monkeypatch
):
    monkeypatch.setattr(batches_module, "MAX_CELLS_KEPT", limit)
    module = Autoencoder(nn.Identity(), nn.Identity(), torch.zeros(3), 1.0, to_code, None)
    pairs = Pairs(torch.zeros(11, 3), corruption=corruption).with_linear_code(module)
    assert (pairs.linear_code is not None) == kept


@pytest.mark.parametrize(("n_columns", "n_rows"), [(1, 8192), (784, 2674), (10**8, 1)])
def test_rows_at_once_are_few_where_they_are_wide(n_columns, n_rows):
    assert rows_at_once(n_columns) == n_rows

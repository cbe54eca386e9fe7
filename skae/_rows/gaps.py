"""Which cells are worth hiding, to see how well gaps are filled."""

import torch


def hiding_weights(observed: torch.Tensor) -> torch.Tensor:
    """How often a cell of each column is to be hidden, beside an average one.

    Half of what is hidden comes from all columns alike, half from those that have gaps, by how many
    they have: there a model is wanted.

    Parameters
    ----------
    observed : torch.Tensor of bool of shape (n, n_features)
        The cells that are known.

    Returns
    -------
    weights : torch.Tensor of float64 of shape (n_features,)
        In the mean over all known cells one.

    Examples
    --------
    >>> hiding_weights(torch.tensor([[True, True], [True, False], [True, False], [True, True]]))
    tensor([0.5000, 2.0000], dtype=torch.float64)
    """
    gaps = (~observed).double().mean(0)
    n_observed = observed.sum(0)
    share = (gaps * n_observed).sum() / n_observed.sum().clamp(min=1)
    return 0.5 + 0.5 * gaps / share if share > 0 else torch.ones_like(gaps)

"""A plan says what each epoch is: rates of its steps, and decay."""

import numpy as np
import pytest
import torch

from skae import AutoencoderTransformer
from skae._base.fit import plan_fit
from skae._rows.batches import Pairs, split_rows


def plan_of(**parameters):
    X = np.random.default_rng(0).normal(size=(100, 4))
    model = AutoencoderTransformer(
        2, hidden_layer_sizes=(8,), **{"max_iter": 10, "random_state": 0, **parameters}
    ).fit(X)
    pairs = Pairs(torch.from_numpy(X.astype(np.float32)))
    objective = model._make_objective(model.module_)
    split = split_rows(len(pairs.source), model.validation_fraction, torch.Generator())
    return plan_fit(model, objective, pairs, split, torch.Generator(), starts_fitted=True)


def test_a_chosen_decay_ends_after_seven_tenths_of_the_epochs():
    plan = plan_of()
    decayed = [any(plan.decays(epoch).values()) for epoch in range(10)]
    assert decayed == 7 * [True] + 3 * [False]
    # Zero is said, or the weights would have the optimiser's.
    assert plan.decays(9).keys() == plan.decays(0).keys() == set(plan.objective.module.parameters())


@pytest.mark.parametrize("parameters", [{"alpha": 0.1}, {"solver": "adam"}, {"solver": "sgd"}])
def test_no_decay_is_chosen_otherwise(parameters):
    plan = plan_of(**parameters)
    assert plan.alpha == parameters.get("alpha", 0.0)
    assert plan.decays(0) == plan.decays(9) == {}


def test_rates_follow_the_schedule_over_all_steps():
    plan = plan_of(learning_rate="cosine", learning_rate_init=0.1)
    rates = [rate for epoch in range(10) for rate in plan.learning_rates(epoch)]
    assert len(rates) == 10 * len(plan.batches)
    assert rates[0] == 0.1
    assert sorted(rates, reverse=True) == rates

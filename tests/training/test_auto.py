"""What "auto" means: layers, epochs, rates, decay, and what hardware is asked for."""

import pytest
import torch

from skae import AutoencoderTransformer
from skae._training.auto import (
    resolve_hidden_layer_sizes,
    resolve_layer_decays,
    resolve_layer_rates,
    resolve_learning_rate,
    resolve_max_iter,
    resolve_precision,
)
from skae._training.optimizers import SCHEDULES
from skae.architectures import ConvArchitecture, DenseArchitecture, count_inputs


class TestHiddenLayers:
    @pytest.mark.parametrize(
        ("n_features", "n_components", "sizes"),
        [(10, 2, (256, 128, 64)), (256, 16, (256, 128)), (256, 32, (256,)),
         (257, 2, (512, 256, 128)), (784, 31, (512, 256, 128)), (784, 32, (512, 256)),
         (784, 64, (512,)), (5_000, 300, (512,))],
    )  # fmt: skip
    def test_halve_down_to_four_times_the_components(self, n_features, n_components, sizes):
        assert resolve_hidden_layer_sizes("auto", False, n_features, n_components) == sizes

    def test_are_one_for_the_closed_form(self):
        assert resolve_hidden_layer_sizes("auto", True, 10, 2) == (256,)

    @pytest.mark.parametrize("sizes", [(), (7, 5), [3]])
    def test_are_taken_as_they_are_given(self, sizes):
        assert resolve_hidden_layer_sizes(sizes, False, 784, 64) == tuple(sizes)


class TestEpochs:
    @pytest.mark.parametrize(
        ("n_batches", "n_features", "n_epochs"),
        [(32, 10, 125), (32, 784, 62), (1, 10, 200), (10_000, 10, 22), (10_000, 784, 22)],
    )
    def test_make_a_number_of_steps(self, n_batches, n_features, n_epochs):
        assert resolve_max_iter("auto", n_batches, n_features) == n_epochs

    def test_are_taken_as_they_are_given(self):
        assert resolve_max_iter(3, 32, 784) == 3


class TestDecay:
    @pytest.mark.parametrize("schedule", SCHEDULES)
    @pytest.mark.parametrize(("peak_rate", "n_batches"), [(5e-3, 32), (1e-3, 500)])
    @pytest.mark.parametrize(("n_features", "share"), [(256, 1 / 32), (257, 1 / 8)])
    def test_shrinks_a_free_weight_alike_in_every_epoch(
        self, schedule, peak_rate, n_batches, n_features, share
    ):
        layer = torch.nn.Linear(128, 3)
        decays = resolve_layer_decays(
            "auto", "adamw", layer, {}, peak_rate, schedule, n_batches, n_features
        )
        n_steps = 50 * n_batches
        course = SCHEDULES[schedule]
        shrinkage = sum(
            peak_rate * course(step / n_steps) * decays[layer.weight] for step in range(n_steps)
        )
        assert shrinkage == pytest.approx(50 * share, rel=0.01)

    def test_is_for_weights_alone(self):
        encoder = torch.nn.Sequential(
            torch.nn.Linear(8, 4), torch.nn.LayerNorm(4), torch.nn.Linear(4, 2)
        )
        decays = resolve_layer_decays("auto", "adamw", encoder, {}, 5e-3, "one_cycle", 32, 8)
        decayed = {name for name, weight in encoder.named_parameters() if decays[weight] > 0}
        assert decayed == {"0.weight", "2.weight"}
        assert decays.keys() == set(encoder.parameters())

    def test_of_a_wide_layer_is_less_whatever_its_rate(self):
        encoder, _ = DenseArchitecture((1024, 128)).build(8, 2, torch.Generator())
        for rate in ("auto", 1e-3):
            shares = resolve_layer_rates(rate, "adamw", encoder)
            decays = resolve_layer_decays("auto", "adamw", encoder, shares, 5e-3, "cosine", 25, 8)
            times = [
                decays[layer.weight] * shares.get(layer.weight, 1.0)
                for layer in encoder.modules()
                if count_inputs(layer)
            ]
            assert times == pytest.approx([0.5, 0.125, 0.5])

    @pytest.mark.parametrize(
        ("alpha", "solver"), [(0.1, "adamw"), ("auto", "adam"), ("auto", "sgd")]
    )
    def test_is_the_same_for_all_otherwise(self, alpha, solver):
        layer = torch.nn.Linear(3, 3)
        assert resolve_layer_decays(alpha, solver, layer, {}, 5e-3, "one_cycle", 3, 3) == {}

    def test_auto_is_none_for_the_solvers_whose_decay_is_a_penalty(self):
        X = torch.randn(40, 5, generator=torch.Generator().manual_seed(0)).numpy()
        for solver in ("adam", "sgd"):
            fits = [
                AutoencoderTransformer(2, solver=solver, alpha=alpha, max_iter=2, random_state=0)
                for alpha in ("auto", 0.0)
            ]
            codes = [fit.fit_transform(X).tolist() for fit in fits]
            assert codes[0] == codes[1]


class TestLearningRate:
    @pytest.mark.parametrize("solver", ["adam", "adamw", "sgd"])
    def test_falls_with_the_root_of_a_small_batch(self, solver):
        rates = [resolve_learning_rate("auto", solver, size) for size in (16, 64, 256, 1024)]
        assert rates == pytest.approx([rates[2] / 4, rates[2] / 2, rates[2], rates[2]])

    def test_a_number_is_taken_as_it_is(self):
        assert resolve_learning_rate(0.01, "adam", 16) == 0.01

    def test_of_a_layer_is_inverse_to_its_inputs(self):
        encoder, _ = DenseArchitecture((1024, 256)).build(512, 8, torch.Generator())
        rates = resolve_layer_rates("auto", "adam", encoder)
        shares = [rates[parameter] for parameter in encoder.parameters()]
        assert shares == [0.5, 0.5, 0.25, 0.25, 1, 1]

    def test_has_a_bound_for_layers_of_few_inputs(self):
        _, decoder = DenseArchitecture((16,)).build(30, 2, torch.Generator())
        rates = resolve_layer_rates("auto", "adam", decoder)
        assert {rates[parameter] for parameter in decoder.parameters()} == {4.0}

    def test_of_a_convolution_counts_its_window(self):
        encoder, _ = ConvArchitecture((8, 8), (64, 16)).build(64, 2, torch.Generator())
        rates = resolve_layer_rates("auto", "adamw", encoder)
        shares = [rates[p] for p in encoder.parameters() if p.ndim > 1]
        assert shares == pytest.approx([4, 256 / (64 * 9), 4])

    @pytest.mark.parametrize(("rate", "solver"), [(0.01, "adam"), ("auto", "sgd")])
    def test_is_one_for_all_layers_otherwise(self, rate, solver):
        encoder, _ = DenseArchitecture((1024,)).build(512, 8, torch.Generator())
        assert resolve_layer_rates(rate, solver, encoder) == {}


class TestPrecision:
    def test_full_is_full_everywhere(self):
        assert not resolve_precision("full", "cpu")

    @pytest.mark.parametrize(
        ("capabilities", "mixed"),
        [({"avx2": True, "avx512_bf16": False}, False), ({"avx512_bf16": True}, True),
         ({"amx_bf16": True}, True), ({}, False)],
    )  # fmt: skip
    def test_mixed_asks_the_processor(self, capabilities, mixed, monkeypatch):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
        assert resolve_precision("mixed", "cpu") is mixed

    def test_a_device_of_unknown_abilities_stays_full(self):
        assert not resolve_precision("mixed", "meta")

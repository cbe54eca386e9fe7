"""What "auto" means: rates of layers, and what hardware is asked for."""

import pytest
import torch

from skae._training.auto import resolve_layer_rates, resolve_learning_rate, resolve_precision
from skae.architectures import ConvArchitecture, DenseArchitecture


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

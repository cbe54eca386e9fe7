"""Networks of users may do what ours do not: every promise of the estimators holds for them."""

import copy
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import skops.io
import torch
from numpy.testing import assert_array_equal
from sklearn.base import clone
from torch import nn

from skae import AutoencoderTransformer, DenoisingAutoencoder
from skae._training.checkpoint import Checkpoint
from skae.architectures import ConvArchitecture
from skae.persistence import SKOPS_TRUSTED_TYPES
from tests.architectures.own_networks import BUILDERS, TIES, Own, OwnWithOutline

SMALL = {"max_iter": 3, "random_state": 0, "batch_size": 32}
REFUSED = {
    "batch norm, no statistics", "always dropped", "always dropped, then zero", "own generator",
    "centred", "centred, then zero", "counted", "softmax of rows", "squeezed",
}  # fmt: skip
TAKEN = sorted(BUILDERS.keys() - REFUSED - {"one for both"})
DRAWING = ("dropout", "functional dropout", "alpha dropout", "rrelu", "attention", "recomputed")


def own(name, make=Own, **parameters):
    return AutoencoderTransformer(
        architecture=make(name), **{"n_components": 2, **SMALL, **parameters}
    )


@pytest.fixture
def X(X):
    return X[:90]


class TestWhatANetworkGetsIsItsOwn:
    @pytest.mark.parametrize("init", ["pca", "random"])
    @pytest.mark.parametrize(
        ("name", "same"),
        [("relu in place", "relu"), ("relu_", "relu"), ("add one in place", "add one")],
    )
    def test_writing_to_it_changes_nothing(self, name, same, init, X):
        fitted, expected = own(name, init=init).fit(X), own(same, init=init).fit(X)
        codes = expected.transform(X)
        assert_array_equal(fitted.transform(X), codes)
        assert fitted.loss_curve_ == expected.loss_curve_
        assert_array_equal(fitted.reconstruct(X), expected.reconstruct(X))
        assert_array_equal(fitted.score_samples(X), expected.score_samples(X))
        given = codes.copy()
        assert_array_equal(fitted.inverse_transform(given), expected.inverse_transform(codes))
        assert_array_equal(given, codes)

    @pytest.mark.parametrize("noise", ["swap", None])
    def test_writing_to_it_changes_no_denoiser(self, noise, X):
        def codes(name):
            model = DenoisingAutoencoder(2, noise=noise, architecture=Own(name), **SMALL)
            return model.fit(X).transform(X)

        assert_array_equal(codes("relu_"), codes("relu"))

    def test_what_it_keeps_is_of_use_in_training(self, X):
        model = own("keeps").fit(X)
        copied = copy.deepcopy(model)
        copied.transform(X)
        assert_array_equal(copied.partial_fit(X).transform(X), model.partial_fit(X).transform(X))


def results(model, X):
    """The results of all methods that train or are trained."""
    fitted = clone(model).fit(X)
    codes = fitted.transform(X)
    found = [codes, fitted.inverse_transform(codes), fitted.score_samples(X), fitted.score(X)]
    found.append(fitted.reconstruct(X))
    if hasattr(fitted, "denoise"):
        found.append(fitted.denoise(X))
    later = copy.deepcopy(fitted).partial_fit(X), clone(model).partial_fit(X)
    return [*found, *(one.transform(X) for one in later)]


OWN = ("relu_", "dropout", "tied by list", "keeps", "makes tensors", "makes numbers")


class TestTheCallersModesMakeNoDifference:
    MODELS = {
        "dense": AutoencoderTransformer(2, hidden_layer_sizes=(8,), **SMALL),
        "closed form": AutoencoderTransformer(2, solver="ridge", random_state=0),
        "mixed": AutoencoderTransformer(2, hidden_layer_sizes=(8,), precision="mixed", **SMALL),
        "convolutional": AutoencoderTransformer(
            2, architecture=ConvArchitecture((2, 4), (3,)), **SMALL
        ),
        "denoising": DenoisingAutoencoder(2, hidden_layer_sizes=(8,), **SMALL),
        "float64": AutoencoderTransformer(2, hidden_layer_sizes=(8,), dtype="float64", **SMALL),
        "logistic": AutoencoderTransformer(2, hidden_layer_sizes=(8,), init="random", **SMALL),
        **{name: own(name) for name in OWN},
    }
    BLOCKS = {
        "autocast": lambda: torch.autocast("cpu", torch.bfloat16),
        "autocast to float16": lambda: torch.autocast("cpu", torch.float16),
        "meta": lambda: torch.device("meta"),
        "anomaly": lambda: torch.autograd.set_detect_anomaly(True),
        "no gradients": torch.no_grad,
        "inference": torch.inference_mode,
    }

    @pytest.mark.filterwarnings("ignore:Anomaly Detection")
    @pytest.mark.parametrize("name", MODELS)
    def test_blocks(self, name, X):
        expected = results(self.MODELS[name], X)
        for block in self.BLOCKS.values():
            with block():
                found = results(self.MODELS[name], X)
            for one, other in zip(found, expected, strict=True):
                assert_array_equal(one, other, strict=True)

    @pytest.mark.parametrize("name", MODELS)
    @pytest.mark.parametrize(
        ("change", "value", "restore"),
        [
            (torch.set_default_dtype, torch.float64, torch.float32),
            (torch.use_deterministic_algorithms, True, False),
        ],
    )
    def test_settings(self, change, value, restore, name, X):
        expected = results(self.MODELS[name], X)
        change(value)
        try:
            found = results(self.MODELS[name], X)
        finally:
            change(restore)
        for one, other in zip(found, expected, strict=True):
            assert_array_equal(one, other, strict=True)

    def test_autocast_is_on_again_after_each_method(self, X):
        with torch.autocast("cpu", torch.bfloat16):
            own("plain").fit(X).transform(X)
            assert torch.is_autocast_enabled("cpu")
            assert torch.get_autocast_dtype("cpu") == torch.bfloat16


class TestBatchNorm:
    @pytest.mark.parametrize("n_rows", [2, 37, 33, 65])
    def test_no_batch_has_one_row(self, n_rows, X):
        model = own("batch norm", validation_fraction=0).fit(X[:n_rows])
        assert np.isfinite(model.transform(X)).all()

    def test_a_code_does_not_depend_on_the_other_rows(self, X):
        model = own("batch norm", max_iter=20, learning_rate_init=0.05).fit(X)
        assert model.best_iter_ > 0
        np.testing.assert_allclose(
            model.transform(X[:1]), model.transform(X)[:1], rtol=1e-4, atol=1e-5
        )

    @pytest.mark.parametrize("method", ["fit", "partial_fit"])
    def test_a_batch_of_one_row_is_refused_in_words(self, method, X):
        model, rows = own("batch norm"), X[:1]
        if method == "fit":
            model, rows = own("batch norm", batch_size=1), X
        with pytest.raises(ValueError, match=r"batch of one row.*batch_size above 1.*LayerNorm"):
            getattr(model, method)(rows)
        assert not hasattr(model, "module_")

    def test_statistics_are_those_of_the_best_epoch(self, X):
        model = own("batch norm", max_iter=20, learning_rate_init=0.05).fit(X)
        before = copy.deepcopy(model.module_.state_dict())
        assert int(before["encoder.1.num_batches_tracked"]) == 3 * model.best_iter_
        assert before["encoder.1.running_var"].ne(1).all()
        model.transform(X)
        for name, value in model.module_.state_dict().items():
            assert torch.equal(value, before[name])


class TestDraws:
    @pytest.mark.parametrize("name", DRAWING)
    def test_one_seed_makes_one_model_and_moves_no_generator(self, name, X):
        torch.manual_seed(5)
        before = torch.get_rng_state()
        first = own(name).fit(X).partial_fit(X)
        assert torch.equal(torch.get_rng_state(), before)
        torch.manual_seed(6)
        second = own(name).fit(X).partial_fit(X)
        assert_array_equal(first.transform(X), second.transform(X))
        assert first.loss_curve_ == second.loss_curve_
        other = own(name, random_state=1).fit(X)
        assert not np.array_equal(other.transform(X), first.transform(X))

    def test_each_step_draws_anew(self, X):
        masks = []

        class Watched(nn.Dropout):
            def forward(self, x):
                y = super().forward(torch.ones_like(x))
                masks.append(tuple(y.flatten().tolist()))
                return y * x

        class Architecture:
            def build(self, n_features, n_components, generator):
                encoder = nn.Sequential(nn.Linear(n_features, n_components), Watched())
                return encoder, nn.Linear(n_components, n_features)

        model = AutoencoderTransformer(2, architecture=Architecture(), **SMALL).fit(X)
        masks = [mask for mask in masks if 0.0 in mask]
        assert len(set(masks)) == len(masks) == 3 * model.n_iter_

    @pytest.mark.parametrize("name", ["dropout", "plain"])
    def test_fits_in_threads_are_those_in_a_row(self, name, X):
        expected = own(name).fit(X).transform(X)
        with ThreadPoolExecutor(4) as pool:
            for codes in pool.map(lambda _: own(name).fit(X).transform(X), range(8)):
                assert_array_equal(codes, expected)

    @pytest.mark.parametrize("name", ["dropout", "batch norm", "tied by list", "rrelu"])
    def test_a_resumed_fit_is_one_without_interruption(self, name, X, tmp_path, monkeypatch):
        expected = own(name, max_iter=4).fit(X)
        write = Checkpoint.on_epoch_end

        def write_and_fail(self, net, **kwargs):
            write(self, net, **kwargs)
            if len(net.history) == 2:
                raise InterruptedError

        resumed = own(name, max_iter=4, checkpoint=tmp_path / "fit")
        with monkeypatch.context() as patch:
            patch.setattr(Checkpoint, "on_epoch_end", write_and_fail)
            with pytest.raises(InterruptedError):
                resumed.fit(X)
        torch.manual_seed(9)
        assert_array_equal(resumed.fit(X).transform(X), expected.transform(X))
        assert resumed.loss_curve_ == expected.loss_curve_


def through_skops(model):
    file = skops.io.dumps(model)
    own = [name for name in skops.io.get_untrusted_types(data=file) if "own_networks" in name]
    return skops.io.loads(file, trusted=[*SKOPS_TRUSTED_TYPES, *own])


COPIES = {
    "deepcopy": copy.deepcopy,
    "pickle": lambda model: pickle.loads(pickle.dumps(model)),
    "skops": through_skops,
}


class TestTies:
    @staticmethod
    def share(model):
        """Whether a change of the encoder changes the decoder."""
        module, z = copy.deepcopy(model.module_), torch.eye(2)
        before = module.decode(z)
        with torch.no_grad():
            for weight in module.encoder.parameters():
                weight.mul_(2)
        return not torch.equal(module.decode(z), before)

    @pytest.mark.parametrize("make", [Own, OwnWithOutline])
    @pytest.mark.parametrize("copied", COPIES)
    @pytest.mark.parametrize("tie", TIES)
    def test_copies_are_tied_and_go_on_as_the_original(self, tie, copied, make, X):
        model = own(f"tied by {tie}", make, warm_start=True, validation_fraction=0)
        duplicate = COPIES[copied](model.fit(X))
        assert self.share(model)
        assert self.share(duplicate)
        assert_array_equal(duplicate.transform(X), model.transform(X))
        assert_array_equal(duplicate.reconstruct(X), model.reconstruct(X))
        assert_array_equal(duplicate.fit(X).reconstruct(X), model.fit(X).reconstruct(X))
        assert self.share(clone(model).fit(X))

    @pytest.mark.parametrize("name", ["untied", "twice", *(f"tied by {tie}" for tie in TIES)])
    def test_it_leaves_pca(self, name, X):
        t = np.random.default_rng(0).uniform(-2, 2, 300)
        curve = np.column_stack([t, t**2, np.sin(2 * t), t**3 / 3])
        model = own(name, n_components=1, max_iter=30).fit(curve)
        assert min(model.validation_loss_curve_) < 0.5 * model.initial_validation_loss_

    def test_one_network_for_both(self, X):
        model = AutoencoderTransformer(8, architecture=Own("one for both"), **SMALL).fit(X)
        duplicate = copy.deepcopy(model)
        assert_array_equal(duplicate.reconstruct(X), model.reconstruct(X))
        assert_array_equal(duplicate.partial_fit(X).transform(X), model.partial_fit(X).transform(X))
        assert duplicate.module_.encoder.network is duplicate.module_.decoder.network

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_two_plain_networks_with_one_weight(self, dtype, X):
        model = copy.deepcopy(own("square pair", dtype=dtype).fit(X))
        assert model.module_.decoder[2].weight is model.module_.encoder[2].weight


@pytest.mark.parametrize("name", TAKEN)
def test_every_network_trains_and_survives_a_copy(name, X):
    model = own(name, max_iter=20, init="random").fit(X)
    assert model.loss_curve_[-1] < model.loss_curve_[0]
    for make_copy in COPIES.values():
        duplicate = make_copy(model)
        assert_array_equal(duplicate.transform(X), model.transform(X))
        assert_array_equal(duplicate.reconstruct(X), model.reconstruct(X))
    assert_array_equal(clone(model).fit(X).reconstruct(X), model.reconstruct(X))


@pytest.mark.parametrize("name", TAKEN)
def test_every_network_starts_as_pca(name, X):
    model = own(name, validation_fraction=0.5, max_iter=1, learning_rate_init=1e-30).fit(X)
    centred = X - X.mean(0)
    projected = centred @ model.components_.T @ model.components_
    np.testing.assert_allclose(model.reconstruct(X), projected + X.mean(0), atol=1e-4)

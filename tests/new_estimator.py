"""A new estimator is one small file: docs/new_estimator.md walks through this one."""

from torch.nn import functional

from skae import AutoencoderTransformer
from skae._checks import real
from skae._training.objective import Objective
from skae.architectures import Autoencoder


class SoftThreshold(Autoencoder):
    """The module: codes are moved towards zero by a tenth, and small numbers are zero."""

    def code(self, u, linear_code=None):
        return functional.softshrink(super().code(u, linear_code), 0.1)


class SparseObjective(Objective):
    """The loss: reconstruction, and a price for what is not zero."""

    def __init__(self, module, loss, penalty):
        super().__init__(module, loss)
        self.penalty = penalty

    def compare(self, code, reconstruction, target):
        return super().compare(code, reconstruction, target) + self.penalty * code.abs().mean()


class SparseAutoencoder(AutoencoderTransformer):
    """An autoencoder whose codes have zeros (Olshausen and Field, Nature 381, 1996)."""

    _module_class = SoftThreshold
    _parameter_checks = {**AutoencoderTransformer._parameter_checks, "penalty": real(0)}
    _fitted_checks = {"share_of_zeros_": real(0)}

    def __init__(
        self,
        n_components=2,
        *,
        penalty=0.01,
        hidden_layer_sizes=(512, 256),
        max_iter="auto",
        random_state=None,
    ):
        super().__init__(
            n_components,
            hidden_layer_sizes=hidden_layer_sizes,
            max_iter=max_iter,
            random_state=random_state,
        )
        self.penalty = penalty

    def _make_objective(self, module):
        return SparseObjective(module, self.loss, self.penalty)

    def _finish(self, X, y):
        codes = self._apply(self.module_.encode, X, self.n_components)
        self.share_of_zeros_ = float((codes == 0).mean())

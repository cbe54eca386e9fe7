"""
An architecture of your own
===========================

Any object with a method ``build(n_features, n_components, generator)`` that returns two torch
modules can be trained. The linear path, the choice of the best weights, grid searches and
scikit-learn's interface come with it.
"""

# %%
# A residual network
# ------------------
#
# ``BaseEstimator`` gives the class ``get_params``, so that its parameters can be searched. All
# randomness comes from the generator that ``build`` is given: the same ``random_state`` then gives
# the same weights.

from sklearn.base import BaseEstimator
from torch import nn


class ResidualBlock(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.layers = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, width), nn.GELU())

    def forward(self, x):
        return x + self.layers(x)


class ResidualArchitecture(BaseEstimator):
    def __init__(self, width=128, depth=2):
        self.width = width
        self.depth = depth

    def build(self, n_features, n_components, generator):
        encoder = self._stack(n_features, n_components)
        decoder = self._stack(n_components, n_features)
        for module in (encoder, decoder):
            for parameter in module.parameters():
                if parameter.ndim == 2:
                    nn.init.xavier_uniform_(parameter, generator=generator)
        return encoder, decoder

    def _stack(self, n_in, n_out):
        blocks = [ResidualBlock(self.width) for _ in range(self.depth)]
        return nn.Sequential(nn.Linear(n_in, self.width), *blocks, nn.Linear(self.width, n_out))


# %%
# In use
# ------
#
# Nothing had to be done for the linear path. The last layer of each network is set to zero before
# the first step, so this model also starts as PCA.

from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split

from skae import AutoencoderTransformer

X_train, X_test = train_test_split(load_digits().data, random_state=0)
model = AutoencoderTransformer(
    8, architecture=ResidualArchitecture(), max_iter=30, random_state=0
).fit(X_train)
dense = AutoencoderTransformer(8, max_iter=30, random_state=0).fit(X_train)

pca = PCA(8).fit(X_train)
print(f"PCA                    {pca.explained_variance_ratio_.sum():.3f} (of the training rows)")
print(f"ResidualArchitecture   {model.score(X_test):.3f}")
print(f"DenseArchitecture      {dense.score(X_test):.3f}")

# %%
# The curve shows the start as well:

from skae.plotting import LossCurveDisplay

LossCurveDisplay.from_estimator(model)

# %%
# Its parameters in a search
# --------------------------

from sklearn.model_selection import GridSearchCV

search = GridSearchCV(
    AutoencoderTransformer(8, architecture=ResidualArchitecture(), max_iter=10, random_state=0),
    {"architecture__width": [32, 128], "architecture__depth": [1, 2]},
    cv=2,
).fit(X_train)
for parameters, score in zip(
    search.cv_results_["params"], search.cv_results_["mean_test_score"], strict=True
):
    print(parameters, f"{score:.3f}")

# %%
# What else it may have
# ---------------------
#
# A method ``outline(n_features, n_components)`` that builds the same modules on torch's meta
# device lets a saved model be checked against its architecture before memory is allocated; without
# it ``build`` is called. Saving with skops needs the class in ``trusted``, and ONNX needs layers
# that ``torch.export`` can follow: see :doc:`/persistence`.

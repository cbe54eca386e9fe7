"""
How many components? A grid search before a classifier
======================================================

The autoencoder is a transformer like any other, so the size of its code can be chosen by what
comes after it: the accuracy of a classifier, cross-validated. PCA goes through the same search.
"""

# %%
# The search
# ----------
#
# The 8 x 8 digits that come with scikit-learn, 1,797 of them. Every candidate is fitted on the
# training folds alone, the scaler included.

import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from skae import AutoencoderTransformer

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)

sizes = [2, 4, 8, 16, 32]
coders = {
    "PCA": PCA(random_state=0),
    "autoencoder": AutoencoderTransformer(
        hidden_layer_sizes=(128,), batch_size=64, max_iter=30, random_state=0
    ),
}
searches = {}
for name, coder in coders.items():
    pipeline = Pipeline(
        [
            ("coder", coder),
            ("scaler", StandardScaler()),
            ("classifier", LogisticRegression(max_iter=1000)),
        ]
    )
    folds = StratifiedKFold(3, shuffle=True, random_state=0)
    search = GridSearchCV(pipeline, {"coder__n_components": sizes}, cv=folds)
    searches[name] = search.fit(X_train, y_train)
    print(f"{name:<12} best size {search.best_params_['coder__n_components']:>2}, "
          f"accuracy on new digits {search.score(X_test, y_test):.1%}")  # fmt: skip

# %%
# The picture
# -----------
#
# Bars are the standard deviation over the folds.

import matplotlib.pyplot as plt

figure, ax = plt.subplots(figsize=(6.5, 4), layout="constrained")
for (name, search), color in zip(searches.items(), ("#7f7f7f", "#0b6e99"), strict=True):
    mean = search.cv_results_["mean_test_score"]
    deviation = search.cv_results_["std_test_score"]
    ax.errorbar(sizes, mean, deviation, fmt="o-", capsize=3, color=color, label=name)
ax.set_xscale("log", base=2)
ax.set_xticks(sizes, [str(size) for size in sizes])
ax.minorticks_off()
ax.set(xlabel="n_components", ylabel="accuracy, 3 folds")
ax.grid(alpha=0.3)
ax.legend(frameon=False)

# %%
# As numbers:

for name, search in searches.items():
    pairs = zip(sizes, search.cv_results_["mean_test_score"], strict=True)
    print(name.ljust(12), "  ".join(f"{k}: {accuracy:.3f}" for k, accuracy in pairs))

# %%
# What the two curves say
# -----------------------
#
# A short code is where the autoencoder helps most. The longer the code, the less is left to gain:
# a linear classifier finds in 32 of PCA's 64 possible components nearly all that it can use, and
# then PCA is the better choice, because it is quicker:

for name, search in searches.items():
    seconds = search.cv_results_["mean_fit_time"]
    print(f"{name:<12} {np.mean(seconds):.2f} s for a fit")

# %%
# Other names of the same search: ``coder__hidden_layer_sizes``, ``coder__alpha``, ``coder`` itself
# with two different transformers as its values. See :doc:`/user_guide/choosing`.

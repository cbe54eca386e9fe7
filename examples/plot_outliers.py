"""
Outliers, and the columns that make them so
===========================================

A detector is fitted to rows of which most are normal. It says how far out others are, and which of
their columns make them so.
"""

# %%
# A table
# -------
#
# Cells of breast tissue, 30 measurements of each sample. The detector sees half of the benign
# samples alone; the others and all malignant ones are new to it.

import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import IsolationForest
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.neighbors import LocalOutlierFactor
from sklearn.preprocessing import StandardScaler

from skae import AutoencoderOutlierDetector
from skae.plotting import OutlierDisplay

data = load_breast_cancer(as_frame=True)
benign, malignant = (data.data[data.target == kind] for kind in (1, 0))
train, new = train_test_split(benign, test_size=0.5, random_state=0)
rows = np.vstack([new, malignant])
is_malignant = np.repeat([False, True], [len(new), len(malignant)])

detector = AutoencoderOutlierDetector(random_state=0).fit(train.to_numpy())
scaler = StandardScaler().fit(train.to_numpy())
others = {
    "IsolationForest": IsolationForest(random_state=0),
    "LocalOutlierFactor": LocalOutlierFactor(novelty=True),
}
auroc = {"AutoencoderOutlierDetector": roc_auc_score(is_malignant, -detector.score_samples(rows))}
for name, model in others.items():
    model.fit(scaler.transform(train.to_numpy()))
    auroc[name] = roc_auc_score(is_malignant, -model.score_samples(scaler.transform(rows)))
for name, value in auroc.items():
    print(f"{name:<26} area under the ROC curve {value:.3f}")

# %%
# ``predict`` draws a line by itself. With ``contamination=`` it is drawn so that this share of the
# training rows lies beyond it.

found = detector.predict(rows) == -1
print(f"{found[is_malignant].mean():.0%} of the malignant samples are beyond the line,")
print(f"and {found[~is_malignant].mean():.0%} of the benign ones.")

# %%
# Why these rows?
# ---------------
#
# ``explain`` shares the outlyingness of a row out among its columns: the parts add up to
# ``-score_samples``. The ten rows that are farthest out:

named = AutoencoderOutlierDetector(random_state=0).fit(train)
display = OutlierDisplay.from_estimator(named, malignant)

# %%
# Images
# ------
#
# The same for images: a detector that has seen the digits 0, 1 and 2, some of which were written
# badly, and is shown all. The maps are the pixels that make an image an outlier, such as ink where
# no other image has any.

from sklearn.datasets import load_digits

images, labels = load_digits(return_X_y=True)
known = labels < 3
detector = AutoencoderOutlierDetector(random_state=0).fit(images[known])
scores = detector.score_samples(images)
print(f"area under the ROC curve {roc_auc_score(~known, -scores):.3f}")

OutlierDisplay.from_estimator(detector, images[known], n_rows=12)

# %%
# Digits that it has never seen:

OutlierDisplay.from_estimator(detector, images[~known], n_rows=12)

"""
============================
A table of penguins and back
============================

Numbers, words and gaps in one table, as two numbers a row, and back as the table. The penguins of
the Palmer archipelago (Horst, Hill and Gorman, 2020) have four measurements, an island, a sex and a
year; eleven cells of sex are missing, and two birds were not measured at all.
"""

# %%
# The table as it is. The species is kept apart: the code shall not know it.

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from palmerpenguins import load_penguins
from sklearn.decomposition import PCA
from sklearn.model_selection import train_test_split

from skae import AutoencoderTransformer, make_table_pipeline

penguins = load_penguins()
species = penguins.pop("species")
penguins.head()

# %%
# One Pipeline from the table to two numbers, and one with PCA for comparison. Every column of the
# table counts alike, whether it is a number or a word of three categories. A third of the birds is
# held out.

birds, others = train_test_split(penguins, test_size=1 / 3, random_state=0)
model = make_table_pipeline(AutoencoderTransformer(2, random_state=0)).fit(birds)
linear = make_table_pipeline(PCA(2)).fit(birds)

figure, panels = plt.subplots(1, 2, figsize=(9, 4), layout="constrained")
for axes, (name, one) in zip(panels, {"PCA": linear, "autoencoder": model}.items(), strict=True):
    codes = one.transform(others)
    for kind in species.unique():
        axes.scatter(*codes[species[others.index] == kind].T, s=8, label=kind)
    axes.set(title=name, xlabel="component 1", ylabel="component 2")
axes.legend()

# %%
# The way back ends at the table: words are words, and measurements are in millimetres and grams.

again = model.inverse_transform(model.transform(others))
again.head()

# %%
# How many islands and sexes of birds that were held out come back from two numbers, a missing sex
# included? Who knows nothing of a bird says the most frequent word.


def share_right(found, name):
    found, true = found[name].to_numpy(object), others[name].to_numpy(object)
    return np.mean((found == true) | (pd.isna(found) & pd.isna(true)))


back = linear.inverse_transform(linear.transform(others))
for name in ("island", "sex"):
    frequent = np.mean(others[name] == birds[name].mode()[0])
    print(
        f"{name:<7} knowing nothing {frequent:.0%}, PCA {share_right(back, name):.0%}, "
        f"autoencoder {share_right(again, name):.0%}"
    )

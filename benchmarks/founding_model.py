"""The founding recipe, Flatten - Dense(64, relu) - Dense(64, relu) - Dense(784), and our default.

Both with 64 components on MNIST; PCA beside them. The picture shows the same test digits.
"""

import argparse
from pathlib import Path

from _common import keep, mnist, squared_error
from matplotlib.figure import Figure
from numpy import hstack
from sklearn.decomposition import PCA
from torch import nn

from skae import AutoencoderTransformer

PUBLISHED = 0.0145


class FoundingArchitecture:
    """Two rectified layers of 64, then one linear layer back to the pixels."""

    def build(self, n_features, n_components, generator):
        """Build encoder and decoder, with Keras's default initialisation."""
        encoder = nn.Sequential(
            nn.Linear(n_features, 64), nn.ReLU(), nn.Linear(64, n_components), nn.ReLU()
        )
        decoder = nn.Linear(n_components, n_features)
        for layer in (encoder[0], encoder[2], decoder):
            nn.init.xavier_uniform_(layer.weight, generator=generator)
            nn.init.zeros_(layer.bias)
        return encoder, decoder


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--picture", type=Path, default=Path("docs/founding_model.png"))
    arguments = parser.parse_args()
    train, test = mnist()
    pca = PCA(64, random_state=0).fit(train)
    founding = AutoencoderTransformer(
        64, architecture=FoundingArchitecture(), init="random", solver="adam",
        learning_rate="constant", learning_rate_init=1e-3, batch_size=32, max_iter=3,
        validation_fraction=0.1, random_state=0,
    ).fit(train)  # fmt: skip
    ours = AutoencoderTransformer(64, random_state=0).fit(train)
    curve = ", ".join(f"{loss:.4f}" for loss in founding.validation_loss_curve_)
    print(f"classic recipe, error per held-out pixel: {curve} (published: {PUBLISHED})")
    models = {"classic recipe": founding, "PCA": pca, "skae": ours}
    errors = {name: squared_error(model, test) / 784 for name, model in models.items()}
    for name, error in errors.items():
        print(f"{name:<16} error per test pixel {error:.4f}")
    keep("founding_model", {"held_out_curve": founding.validation_loss_curve_, **errors})

    rows = test[:10]
    strips = {"original": rows}
    for name, model in models.items():
        strips[f"{name}\n{784 * errors[name]:.2f}"] = model.inverse_transform(model.transform(rows))
    figure = Figure(figsize=(8, 3.4), layout="constrained")
    for axes, (name, digits) in zip(figure.subplots(len(strips)), strips.items(), strict=True):
        axes.imshow(hstack(list(digits.reshape(-1, 28, 28))), cmap="gray_r", vmin=0, vmax=1)
        axes.set_axis_off()
        axes.text(-3, 14, name, ha="right", va="center", fontsize=9)
    figure.suptitle("64 numbers for each image, and the squared error of a test image", fontsize=10)
    figure.savefig(arguments.picture, dpi=130, bbox_inches="tight")


if __name__ == "__main__":
    main()

"""
Pooling, upsampling and transposed convolution, drawn
=====================================================

A convolutional encoder makes an image smaller, its decoder makes it larger again. Both ways are
drawn here on an image of a few pixels, with the very torch operations that
:class:`~skae.architectures.ConvArchitecture` is made of.
"""

# %%
# Smaller: max pooling, or a stride
# ---------------------------------
#
# Max pooling keeps the largest of each square of 2 x 2 pixels. A convolution in steps of two
# pixels looks at every square of 3 x 3 that is centred on every other pixel, and keeps a weighted
# sum. The weights are learned; here they are all one ninth.

import matplotlib.pyplot as plt
import torch
from matplotlib.patches import Rectangle
from torch.nn import functional


def draw(ax, image, title, square=None, color="#d1495b"):
    """Draw a small image with the number in each pixel, one square of pixels framed."""
    ax.imshow(image, cmap="Blues", vmin=0, vmax=11, extent=(0, image.shape[1], image.shape[0], 0))
    for row, values in enumerate(image.tolist()):
        for column, value in enumerate(values):
            ink = "white" if value > 7 else "black"
            text = f"{value:.2f}".rstrip("0").rstrip(".")
            size = 11 if len(text) < 3 else 8
            style = {"ha": "center", "va": "center", "color": ink, "fontsize": size}
            ax.text(column + 0.5, row + 0.5, text, **style)
    if square is not None:
        x, y, width, height = square
        frame = Rectangle((x, y), width, height, fill=False, edgecolor=color, linewidth=2.5)
        frame.set_clip_on(False)
        ax.add_patch(frame)
    ax.set_title(title, fontsize=10)
    ax.set_axis_off()


image = torch.tensor(
    [[1.0, 2.0, 0.0, 1.0], [3.0, 8.0, 1.0, 0.0], [0.0, 2.0, 9.0, 4.0], [1.0, 0.0, 5.0, 7.0]]
)
batch = image[None, None]
pooled = functional.max_pool2d(batch, 2)[0, 0]
ninths = torch.full((1, 1, 3, 3), 1 / 9)
strided = functional.conv2d(batch, ninths, stride=2, padding=1)[0, 0]

figure, axes = plt.subplots(1, 4, figsize=(9, 2.6), layout="constrained")
draw(axes[0], image, "4 x 4 pixels", (2, 2, 2, 2))
draw(axes[1], pooled, 'max pooling,\n"max_pool"', (1, 1, 1, 1))
draw(axes[2], image, "4 x 4 pixels", (1, 1, 3, 3))
draw(axes[3], strided, 'a stride of two,\n"stride"', (1, 1, 1, 1))

# %%
# Red frames show one pixel of the small image and the pixels that it is made of. Pooling itself
# has nothing to learn, so a convolution stands before it; the strided convolution learns and
# shrinks at once, and does a quarter of the work.
#
# Larger: two kinds of upsampling
# -------------------------------
#
# ``upsampling="nearest"`` writes every pixel four times, ``"bilinear"`` draws a slope from each to
# the next. Both are followed by a convolution, which learns.

small = torch.tensor([[2.0, 8.0], [4.0, 10.0]])
nearest = functional.interpolate(small[None, None], scale_factor=2.0, mode="nearest")[0, 0]
bilinear = functional.interpolate(
    small[None, None], scale_factor=2.0, mode="bilinear", align_corners=False
)[0, 0]

figure, axes = plt.subplots(1, 3, figsize=(7.5, 2.8), layout="constrained")
draw(axes[0], small, "2 x 2 pixels", (1, 0, 1, 1))
draw(axes[1], nearest, 'repeated, "nearest"', (2, 0, 2, 2))
draw(axes[2], bilinear, 'interpolated, "bilinear"')

# %%
# Larger: a transposed convolution
# --------------------------------
#
# A transposed convolution goes the other way round. Every pixel of the small image prints a copy
# of the kernel, times its own value, onto the large one, in steps of two pixels; where copies
# overlap they are added. The kernel is learned. Here it is a plain one, so that the sum can be
# followed:

kernel = torch.tensor([[0.25, 0.5, 0.25], [0.5, 1.0, 0.5], [0.25, 0.5, 0.25]])[None, None]
options = {"stride": 2, "padding": 1, "output_padding": 1}
prints = []
for row, column in ((0, 0), (0, 1)):
    alone = torch.zeros(1, 1, 2, 2)
    alone[0, 0, row, column] = small[row, column]
    prints.append(functional.conv_transpose2d(alone, kernel, **options)[0, 0])
whole = functional.conv_transpose2d(small[None, None], kernel, **options)[0, 0]

figure, axes = plt.subplots(1, 4, figsize=(9.5, 2.6), layout="constrained")
draw(axes[0], small, "2 x 2 pixels")
draw(axes[1], prints[0], "the print of the 2", (0, 0, 2, 2))
draw(axes[2], prints[1], "the print of the 8", (1, 0, 3, 2))
draw(axes[3], whole, 'the sum of all four,\n"transposed"')

# %%
# Why a checkerboard
# ------------------
#
# A kernel of three pixels in steps of two overlaps unevenly: some pixels of the large image are
# reached by one copy, some by two, some by four. With an image that is the same everywhere and a
# kernel of ones, the sums are the numbers of copies:

counts = functional.conv_transpose2d(
    torch.ones(1, 1, 5, 5), torch.ones(1, 1, 3, 3), stride=2, padding=1
)[0, 0]
flat = functional.conv2d(
    functional.interpolate(torch.ones(1, 1, 5, 5), scale_factor=2.0, mode="nearest"),
    torch.ones(1, 1, 3, 3),
)[0, 0]

figure, axes = plt.subplots(1, 2, figsize=(7, 3.6), layout="constrained")
draw(axes[0], counts, "transposed: 1, 2 or 4 copies")
draw(axes[1], flat, "nearest, then a convolution:\n9 pixels everywhere")

# %%
# Training can even the pattern out, and mostly does. Nothing forces it to; repeated pixels and a
# convolution have no such pattern to even out. :doc:`plot_convolutional` shows both on digits, and
# :doc:`/images` has the measurements.

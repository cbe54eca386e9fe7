"""The learning rate as a share of its peak, a function of the progress of training in [0, 1]."""

from math import cos, pi

WARM_UP = 0.1


def constant(progress: float) -> float:
    """Stay at the peak."""
    return 1.0


def cosine(progress: float) -> float:
    """Fall from the peak to zero along half a cosine (Loshchilov and Hutter, 2017)."""
    return (1 + cos(pi * progress)) / 2


def one_cycle(progress: float) -> float:
    """Rise to the peak, then fall to zero, both along half a cosine (Smith and Topin, 2018)."""
    if progress < WARM_UP:
        return 0.04 + 0.96 * (1 - cosine(progress / WARM_UP))
    return cosine((progress - WARM_UP) / (1 - WARM_UP))


SCHEDULES = {"constant": constant, "cosine": cosine, "one_cycle": one_cycle}

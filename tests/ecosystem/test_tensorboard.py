import pytest

pytest.importorskip("tensorboard")
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


@pytest.mark.parametrize(
    ("folder", "name", "curve"),
    [
        ("runs/live", "loss/training", "loss_curve_"),
        ("runs/live", "loss/held out", "validation_loss_curve_"),
        ("runs/afterwards", "loss/training", "loss_curve_"),
    ],
)
def test_the_curves_are_those_of_the_model(folder, name, curve, run_recipe):
    model = run_recipe("Curves in a browser")["model"]
    events = EventAccumulator(folder).Reload().Scalars(name)
    assert [event.step for event in events] == list(range(1, 11))
    assert [event.value for event in events] == pytest.approx(getattr(model, curve))

"""How the module of a fit is trained, by steps or in closed form, and what is kept of it."""

import copy
import math
from dataclasses import replace
from typing import Any

import torch

from skae._base.fit import plan_fit
from skae._linear.ridge import RidgeFit
from skae._rows.batches import Batches, Pairs, split_rows
from skae._rows.tensors import rows_at_once
from skae._training.auto import resolve_rounds, threads_for
from skae._training.checkpoint import Checkpoint
from skae._training.epochs import ReportFit, StopEarly, StopWithoutGain
from skae._training.net import AutoencoderNet, TrainingPlan, TrainingResult, train
from skae._training.progress import progress_callback
from skae._training.rounds import Rounds, train_in_rounds


class TrainingMixin:
    """The two ways of training, told of by callbacks alike, and the attributes that they leave."""

    n_components: Any  # a number, or in some estimators what stands for one

    _share_of_epochs = 1.0
    """What "auto" epochs are multiplied by, where a subclass needs less of its network."""

    def _train(
        self: Any,
        X: Any,
        y: Any,
        pairs: Pairs,
        generator: torch.Generator,
        checkpoint: Checkpoint | None,
        starts_fitted: bool,
        *,
        by_ridge: bool,
    ) -> tuple[TrainingResult, ReportFit | None]:
        """Train in the one way or the other."""
        if by_ridge:
            return self._train_by_ridge(X, y, pairs, generator)
        return self._train_by_steps(X, y, pairs, generator, checkpoint, starts_fitted)

    def _train_by_steps(
        self: Any,
        X: Any,
        y: Any,
        pairs: Pairs,
        generator: torch.Generator,
        checkpoint: Checkpoint | None,
        starts_fitted: bool,
    ) -> tuple[TrainingResult, ReportFit | None]:
        """Train on batches, and choose the weights by rows that are held out."""
        module = self.module_.to(pairs.device)
        objective = self._make_objective(module)
        split = self._split(pairs, generator)
        plan = plan_fit(self, objective, pairs, split, generator, starts_fitted=starts_fitted)
        if isinstance(self.max_iter, str):
            plan = replace(plan, n_epochs=math.ceil(self._share_of_epochs * plan.n_epochs))
        report = self._report(X, y, plan.n_epochs)
        stop_early = stop_without_gain = None
        if self.early_stopping:
            stop_early = StopEarly(self.tol, self.n_iter_no_change)
        if isinstance(self.max_iter, str) and starts_fitted and plan.held_out is not None:
            stop_without_gain = StopWithoutGain(lambda: self._is_behind(pairs, generator))
        plan = plan.with_callbacks(
            ("checkpoint", checkpoint),
            ("progress", progress_callback(int(self.verbose))),
            ("report", report),
            ("stop", stop_early),
            ("stop_without_gain", stop_without_gain),
        )
        result = train(module, plan)
        self._look_at(plan)
        return result, report

    def _is_behind(self, pairs: Pairs, generator: torch.Generator) -> bool:
        """Whether a third of the epochs has not shown that a subclass may keep its network."""
        return False

    def _split(
        self: Any, pairs: Pairs, generator: torch.Generator
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Numbers of the rows to train on, and of those to choose the weights by."""
        return split_rows(pairs.source.shape[0], self.validation_fraction, generator)

    def _look_at(self, plan: TrainingPlan) -> None:
        """What a subclass learns of the trained module, from rows that were held out."""

    def _train_by_ridge(
        self: Any, X: Any, y: Any, pairs: Pairs, generator: torch.Generator
    ) -> tuple[TrainingResult, ReportFit | None]:
        """Train in closed form, and choose the penalty by rows that are left out in turn."""
        with threads_for(X.shape[0]):
            fit = RidgeFit(self.module_, X, pairs.weights, generator)
            keeps_start = fit.penalty is None
            n_rounds = 1 if keeps_start else resolve_rounds(self.max_iter)
            unit = self._make_objective(self.module_).in_data_units(1.0)
            report = self._report(X, y, n_rounds)
            result = train_in_rounds(
                Rounds(n_rounds, unit, keeps_start),
                fit.rounds(n_rounds),
                [progress_callback(int(self.verbose)), report],
            )
        return result, report

    def _keep_start(
        self: Any, X: Any, y: Any, pairs: Pairs
    ) -> tuple[TrainingResult, ReportFit | None]:
        """Take the start as it is, looked at in one round that changes nothing."""
        module = self.module_.to(pairs.device)
        objective, rows = self._make_objective(module), torch.arange(pairs.source.shape[0])
        batches = Batches(pairs, rows, rows_at_once(pairs.source.shape[1]), module)
        loss = float(objective.losses_of_rows(batches).mean())
        report = self._report(X, y, 1)
        result = train_in_rounds(
            Rounds(1, objective.in_data_units(1.0), keeps_start=True),
            iter([loss]),
            [progress_callback(int(self.verbose)), report],
        )
        return result, report

    def _report(self: Any, X: Any, y: Any, n_epochs: int) -> ReportFit | None:
        """Begin to tell scikit-learn's callbacks of a fit, where there are any."""
        if not hasattr(self, "_skl_callbacks"):
            return None
        context = self._init_callback_context(max_subtasks=n_epochs)

        def as_if_stopped(net: AutoencoderNet) -> dict[str, Any]:
            module = copy.deepcopy(self.module_)
            if net.best is not None:
                module.load_state_dict(net.best.best_weights)
            return {"module_": module.to("cpu").eval(), **_attributes(net.result())}

        return ReportFit(context, {"estimator": self, "X": X, "y": y}, as_if_stopped)

    def _record(self, result: TrainingResult | None) -> None:
        """Set the attributes that tell how far training came, and none of another fit."""
        for name in ("initial_validation_loss_", "validation_loss_curve_"):
            self.__dict__.pop(name, None)
        self.__dict__.update(_attributes(result or TrainingResult([], 0, None, [])))


def _attributes(result: TrainingResult) -> dict[str, Any]:
    found: dict[str, Any] = {
        "n_iter_": len(result.loss_curve),
        "best_iter_": result.best_iter,
        "loss_curve_": result.loss_curve,
    }
    if result.initial_validation_loss is not None:
        found["initial_validation_loss_"] = result.initial_validation_loss
        found["validation_loss_curve_"] = result.validation_loss_curve
    return found

def test_the_losses_of_every_fit_of_a_search(run_recipe):
    names = run_recipe("Progress and losses")
    curves, best = names["curves"], names["search"].best_estimator_
    fits = curves.groupby(level=0).held_out_loss.apply(list).tolist()
    assert len(fits) == 2 * 2 + 1
    assert best.validation_loss_curve_ in fits

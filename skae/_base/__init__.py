"""What all estimators share: parameters, the life cycle, how a fit runs, and the saved state."""

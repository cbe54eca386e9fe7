"""Rows of X: as tensors, in batches, through a trained module, and within bounds. No skorch."""

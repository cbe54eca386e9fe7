"""Tables with everything in them, as numbers and back."""

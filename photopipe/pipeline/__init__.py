"""Stage pipeline."""

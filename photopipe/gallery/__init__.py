"""Stage gallery."""

"""Stage resize."""

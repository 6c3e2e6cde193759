"""Stage upload."""

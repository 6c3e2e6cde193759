"""Stage download."""

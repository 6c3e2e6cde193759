"""The libraries that decode: which are installed, what they raise, and keeping them silent."""

"""Commands about the journal: what happened, what failed, why, what is tried again and what is forgotten."""

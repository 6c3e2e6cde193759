"""Who is told that a run has begun and how it ended, even if it could not begin: a monitoring service, a command.

In: the exit code and the account. Read `notifications.py` first; no notification changes how the run ends.
"""

"""What `--help`, `--help-all` and the man pages show, and in which order.

In: commands and their options. Out: text. Read `command.py` first.
"""

"""`photopipe gallery` and its subcommands: serve the embedded gallery and look after it. Start with `gallery.py`."""

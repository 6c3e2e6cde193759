"""The kind `form`: any endpoint that takes a form with a file. A photo goes in, the gallery's receipt comes out.

Read gallery.py, then options.py for what a table may contain and endpoint.py for what is done with it.
"""

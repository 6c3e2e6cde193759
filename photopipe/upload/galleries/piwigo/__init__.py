"""The kind `piwigo`: Piwigo 14 to 17. A photo goes in, the gallery's receipt comes out.

Read gallery.py, then api.py.
"""

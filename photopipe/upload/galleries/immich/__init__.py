"""The kind `immich`: Immich 2 and 3. A photo goes in, the gallery's receipt comes out.

Read gallery.py, then api.py.
"""

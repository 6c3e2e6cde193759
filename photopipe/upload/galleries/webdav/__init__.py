"""The kind `webdav`: folders on WebDAV servers. A photo goes in, the gallery's receipt comes out.

Read gallery.py, then files.py, the verbs.
"""

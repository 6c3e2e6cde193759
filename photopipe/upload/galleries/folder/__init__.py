"""The kind `folder`: a folder on this machine or a mounted share. A photo goes in, the gallery's receipt comes out.

Read gallery.py; folder_errors.py is needed only when something goes wrong.
"""

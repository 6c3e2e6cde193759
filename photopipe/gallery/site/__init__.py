"""What visitors see, whether it comes from the server or lies in a folder as a static site.

In: `Tile`s from the store. Out: the pages' HTML, and the JSON their script reads. Start with `tile_json.py`.
"""

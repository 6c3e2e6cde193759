"""The gallery over HTTP: the API, the page, and who may use them.

In: HTTP requests. Out: answers as `docs/gallery-protocol.md` describes them. Read `app.py` first.
"""

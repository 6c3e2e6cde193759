"""The embedded gallery: a small web gallery that keeps each photo once, as a plain file.

In: photos POSTed over HTTP (`docs/gallery-protocol.md` is the contract). Out: files under
`FOLDER/YYYY/MM/NAME`, an SQLite index under `FOLDER/.photopipe/`, and a page of thumbnails by day.

Read `store/store.py` first: it says how a photo is stored exactly once. Then `server/app.py` (the HTTP
API), `server/serve.py` (the server), `thumbnails/thumbnails.py` (small pictures for the pages) and
`embedded.py` (how a run starts a gallery of its own).
`store/identity.py` and `store/index.py` use the standard library alone, because every run imports them.
"""

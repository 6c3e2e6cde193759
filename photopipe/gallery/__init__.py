"""The embedded gallery: a small web gallery that keeps each photo once, as a plain file.

In: photos POSTed over HTTP (`docs/gallery-protocol.md` is the contract). Out: files under
`FOLDER/YYYY/MM/NAME`, an SQLite index under `FOLDER/.photopipe/`, and a page of thumbnails by day.

Read `store.py` first: it says how a photo gets in exactly once. Then `app.py` (what is spoken over
HTTP), `serve.py` (the server) and `embedded.py` (how a run starts one of its own). `identity.py`
and `index.py` use the standard library alone, because a run with nothing to do reads them.
"""

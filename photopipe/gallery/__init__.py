"""The embedded gallery: a small web gallery that keeps each photo once, as a plain file.

In: photos POSTed over HTTP (`docs/gallery-protocol.md` is the contract). Out: files under
`FOLDER/YYYY/MM/NAME`, an SQLite index under `FOLDER/.photopipe/`, and a page of thumbnails by day.

Read `store/store.py` first: it says how a photo is stored exactly once; `index/` is what is known of the photos. Then
`server/serve.py` and `server/app.py` (the server and its routes), `api/` (what programs use), `site/` (what visitors
see, on the server and in an export), `access/` (who may do what), `thumbnails/`, `maintenance/` (verify and rebuild),
`export/` (a static site), and `embedded.py` (how a run starts a gallery of its own).
`store/identity.py` and `index/index.py` use the standard library alone, because every run imports them.
"""

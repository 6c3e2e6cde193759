"""Stage upload: a `ResizedPhoto` goes in, an `UploadedPhoto` with the gallery's receipt comes out.

Read `client.py` first: it is the loop of one photo (ask if in doubt, send, wait, again). What is
said to a gallery is in a folder per kind (`gallery.py` is their contract), what can happen and what is
done about it in the table of `classify.py`. `uploader.py` is what all workers share: how many upload at
the same time and when none may (`traffic.py`), how fast bytes leave (`bandwidth.py`), when the gallery is
given up (`patience.py` for one photo, `breaker.py` for all). `identity.py` holds the names by which a gallery
recognises a photo it already has.

Nothing here starts a thread, keeps a queue or knows the journal.
"""

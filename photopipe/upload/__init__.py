"""Stage upload: a `ResizedPhoto` goes in, an `UploadedPhoto` with the gallery's receipt comes out.

Read `client.py` first: it is the loop of one photo (ask if in doubt, send, wait, try again). The room
`galleries/` holds the kinds of galleries and what they have in common (start with `contract.py`), `http/` what
is sent and what comes back (the tables of `classify_status.py` and `classify_error.py` say what each answer and
each broken connection means), `flow/` when a request is made and when a gallery is given up. `uploader.py` is
what all workers of one gallery share.

Words: a `Gallery` is one worker's view of a gallery, by kind, and makes each request once; an `UploadClient` is
one worker's uploads to it; an `Uploader` is what all workers of one gallery share.

Kept by hand, because no well-kept library does it: a limit on bandwidth for each piece of a body
(`http/bandwidth.py`), and connections that another thread can shut down (`photopipe/http/connection.py`).

Nothing here starts a thread, keeps a queue or knows the journal.
"""

"""The gallery over HTTP: API, page, and who may use them. Read `app.py` first."""

"""HTTP: one worker's session, what is sent, what comes back, and what that means.

In: a request. Out: a whole answer, a `RetryableError` to be tried again, or an error for a person.
Read `http_client.py` first.
"""

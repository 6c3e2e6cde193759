"""What both ends of the line need to speak HTTP: where photos are fetched, and where they are sent.

`connection.py`: connections that another thread can shut down. `retry_after.py`: how long a server asks us to wait.
`s3_codes.py`: which errors of S3 are about the login.
"""

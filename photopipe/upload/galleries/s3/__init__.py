"""The kind `s3`: Amazon S3 and what speaks like it. A photo goes in, the gallery's receipt comes out.

Read gallery.py; client.py lets boto3 sign and our own connections carry.
"""

"""The kind `s3`: Amazon S3 and compatible services. A photo goes in, the gallery's receipt comes out.

Read gallery.py; in client.py boto3 signs requests and our own connections send them.
"""

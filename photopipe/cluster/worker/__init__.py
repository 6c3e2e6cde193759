"""What happens in a worker process: photos are read, resized and sent, each only while its lease holds.

In: messages. Out: reports. Read `tasks.py` first.
"""

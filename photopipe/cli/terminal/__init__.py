"""What reaches a person or a script: messages, data on stdout, progress, exit codes; and the signals that come back.

Start with `console.py`.
"""

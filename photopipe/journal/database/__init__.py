"""The journal's file: its tables, its lock, and what becomes of it when it is damaged.

In: statements. Out: rows, and a file that is whole. Read `database.py` first.
"""

"""The driver: takes photos from the source, leases them to workers, and writes the journal; nobody else writes there.

In: findings. Out: the parcels that the line on threads would give. Read `dispatcher.py` first.
"""

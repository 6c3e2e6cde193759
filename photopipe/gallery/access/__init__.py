"""Who may look at the gallery, and who may change it.

In: what a request says of itself in its header, and the gallery's tokens and password. Out: its rights, or a refusal.
Start with `access_policy.py`; `access_file.py` keeps tokens and password on the disk. No web framework is used here.
"""

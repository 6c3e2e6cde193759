"""What all stages and both of our galleries need to know about files.

`kinds.py`: the one table of file kinds. `names.py`: clean names. `characters.py`: characters that are
dangerous in names and on terminals. `placing.py`: files that are whole or not there. Read `kinds.py` first.
"""

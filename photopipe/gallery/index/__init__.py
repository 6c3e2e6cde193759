"""What the gallery knows of its photos: an SQLite file that can be made again from the photos' files.

In: values. Out: rows, found by id, hash, key, path, day, words or album. Read `index.py` first, which has the schema,
then `stored_photo.py`. Only this folder and `store/`, which writes in transactions, know the tables.
"""

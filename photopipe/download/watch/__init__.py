"""Sources that are looked at for as long as the run lasts: what is there first, then whatever is added or changes.

In: the sources of a run. Out: findings without an end, and None whenever there is nothing to find at the moment.

Read `watch.py` first, then `watched_folder.py`. What happens in a folder comes from `inotify_events.py` on Linux and
`watchfiles_events.py` elsewhere.
"""

"""Animated GIF, WebP and PNG, frame by frame.

In: an animation. Out: one with smaller frames. Read `animation.py` first.
"""

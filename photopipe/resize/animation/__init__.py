"""Animated GIF, WebP and PNG, frame by frame.

In: an animation. Out: an animation with smaller frames. Start with `animation.py`.
"""

"""Cameras on a USB cable, through libgphoto2. Photos are listed and copied; nothing on a camera is ever changed.

In: what the command calls a camera, such as `camera:`. Out: the names in its folders, and photos, fetched one by one.

Read `camera.py` first: the one connection to a camera. `camera_files.py` fetches photos through it.
"""

"""What is done to a picture that has its final size: background, sharpening, turning, watermark.

In: a picture of 8 bits per channel. Out: the picture to be encoded. `resize.py` says in which order.
"""

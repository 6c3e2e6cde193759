"""What is done to the upright picture at its final size: background, sharpening, watermark.

In: a picture of 8 bits. Out: the picture to be encoded.
"""

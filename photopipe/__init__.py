"""photopipe: photos from a camera folder into a gallery, resized, each exactly once.

Read `assembly.py` first: it joins the three stages (`download`, `resize`, `upload`) into one
`pipeline.Pipeline`; `docs/ARCHITECTURE.md` shows the way of one photo. `photopipe.pipeline` knows
nothing about photos and is useful by itself.
"""

__version__ = "0.1.0"

__all__ = ["__version__"]

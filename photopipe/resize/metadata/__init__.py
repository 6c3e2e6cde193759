"""What a file says about a photo besides its pixels, and which of it a rendition may say: EXIF, XMP and IPTC.

What a person said in a sidecar beside the file joins it (`sidecars.py`).

In: an opened picture. Out: `SourceMetadata`, read once; then `Metadata`, with the blocks to embed. Start with
`metadata.py`, which holds the policy, or with `source_metadata.py`, which knows where each format keeps its blocks.

Written by hand because nothing well kept does it:

- EXIF: Pillow's writer guesses the types of most tags, turns every character beyond ASCII into `?` and raises on odd
  values (`exif_block.py`). Pillow reads it.
- XMP: python-xmp-toolkit needs exempi, a C library without wheels. The standard library parses it, within our limits.
- IPTC: Pillow's parser takes linear time too, but gives up the whole block at the first dataset that makes no sense,
  where we keep what came before; and it takes an open image, where blocks also come from PNG texts. Ours is ten lines.
"""

"""The documentation as a site: `sphinx-build -W --keep-going -c docs . FOLDER`, in the repository.

The source folder is the repository itself, so that links from `docs/` to `tests/` and to the changelog lead somewhere
both in the repository and on the site.
"""

import sys
from pathlib import Path

from pygments.lexers import TextLexer
from sphinx.application import Sphinx

sys.path.insert(0, str(Path(__file__).parents[1]))

from photopipe import __version__

project = "photopipe"
author = "the photopipe authors"
project_copyright = "the photopipe authors, MIT license"
release = version = __version__
html_title = f"photopipe {__version__}"

extensions = ["myst_parser"]
root_doc = "docs/index"
include_patterns = ["docs/**.md", "tests/README.md", "tests/benchmarks/README.md", "CHANGELOG.md"]
exclude_patterns = ["**/node_modules", ".*", "photopipe", "sample_images"]

myst_heading_anchors = 4  # headings get the anchors that links in the repository use
nitpicky = True
highlight_language = "text"  # indented blocks are commands and drawings

html_theme = "furo"
html_favicon = "_static/icon.svg"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_additional_pages = {"index": "redirect.html"}
templates_path = ["_templates"]
html_copy_source = False
html_show_sourcelink = False
html_show_sphinx = False
html_domain_indices = False
html_use_index = False


def setup(app: Sphinx) -> None:
    """Let rules of udev stand in a block of their own kind, although no highlighter knows them."""
    app.add_lexer("udev", TextLexer)

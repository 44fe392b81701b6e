"""Sphinx configuration. The build needs no network: no inventories are fetched."""

project = "refaudit"
copyright = "2026, the refaudit authors"
author = "the refaudit authors"

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "requirements.txt"]

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = "refaudit"

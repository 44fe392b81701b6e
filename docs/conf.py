"""Sphinx configuration. The build needs no network: no inventories are fetched."""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx

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


def setup(app: Sphinx) -> None:
    """The pages of rules are links to files of the package, and Sphinx follows links to their end."""

    def find_by_both_names(app: Sphinx, *_: object) -> None:
        for page in Path(app.srcdir, "reference", "rules").glob("*.md"):
            app.project._path_to_docname[page.resolve()] = f"reference/rules/{page.stem}"

    app.connect("env-before-read-docs", find_by_both_names)

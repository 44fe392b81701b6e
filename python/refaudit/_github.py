"""Reports on GitHub Actions: annotations on standard output, and the job's summary.

Protocol: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import os

#: The report that is asked for by this name, without an ending, goes to GitHub Actions.
NAME = "github"
#: Bytes that GitHub takes of the summaries of one step.
_MOST_BYTES = 1024 * 1024


def is_asked(path: str | os.PathLike[str]) -> bool:
    """Whether a report is for GitHub Actions rather than for a file."""
    return os.path.basename(os.fspath(path)) == NAME


def summarise(markdown: str) -> str:
    """Append to the job's summary, if there is one. Returns a complaint, empty when all went well.

    What other commands of the same step have written is kept; a summary that would become larger than GitHub
    takes is replaced by a sentence, since GitHub would take nothing of it.
    """
    path = os.environ.get("GITHUB_STEP_SUMMARY", "")
    if not path:
        return ""
    data = markdown.encode("utf-8", "backslashreplace")
    try:
        # Appended to, not replaced: the file belongs to the step.
        with open(path, "ab") as file:
            room = _MOST_BYTES - file.tell()
            if len(data) > room:
                data = b"\nThe summary of refaudit has no room here; see the report.\n"
            if len(data) <= room:
                file.write(data)
    except OSError as error:
        return f"job summary NOT written: {path}: {error.strerror or error}"
    return ""

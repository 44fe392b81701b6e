"""One audit document out of several, as `refaudit._merge` makes it."""

from refaudit._merge import joined, merge

__all__ = ["joined", "merge"]

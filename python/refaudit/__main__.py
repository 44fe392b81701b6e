"""`python -m refaudit`: the command `refaudit`."""

from refaudit.cli import entry_point

entry_point()

"""A small program that leaks. It is not imported from here: what is refaudit's own is no finding."""

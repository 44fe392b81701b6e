"""Audits of whole scripts and commands, each in a process of its own."""

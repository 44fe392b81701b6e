"""A sample package whose C extension leaks in several ways; see README.md."""

from ._leaky import (
    CleanHandle,
    Handle,
    average,
    average_clean,
    checksum,
    checksum_clean,
    describe,
    describe_clean,
    lookup,
    remember,
    remember_clean,
    split,
    split_clean,
)

__all__ = [
    "CleanHandle",
    "Handle",
    "average",
    "average_clean",
    "checksum",
    "checksum_clean",
    "describe",
    "describe_clean",
    "lookup",
    "remember",
    "remember_clean",
    "split",
    "split_clean",
]

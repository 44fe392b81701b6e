"""The clean twins. refaudit says nothing about them."""

import leaky_package
import pytest

SETTINGS = {"colour": "green"}


def test_describe() -> None:
    assert leaky_package.describe_clean(SETTINGS) == "a dict"


def test_handle() -> None:
    leaky_package.CleanHandle()


def test_split() -> None:
    with pytest.raises(ValueError, match="two words"):
        leaky_package.split_clean("single")


def test_remember() -> None:
    assert leaky_package.remember_clean(1) == "remember(1) was called"


def test_checksum() -> None:
    assert leaky_package.checksum_clean(bytes(1000)) == 0


def test_average() -> None:
    with pytest.raises(TypeError, match="real number"):
        leaky_package.average_clean([1.5, "two", 3.0])


def test_a_cache_is_no_leak() -> None:
    assert leaky_package.lookup("key") == "the value of 'key'"

"""Each of these passes, and leaks. refaudit reports every one."""

import leaky_package
import pytest

SETTINGS = {"colour": "green"}


def test_describe_keeps_its_argument() -> None:
    assert leaky_package.describe(SETTINGS) == "a dict"


def test_handle_keeps_its_type() -> None:
    leaky_package.Handle()


def test_split_leaves_a_list_on_its_error_path() -> None:
    with pytest.raises(ValueError, match="two words"):
        leaky_package.split("single")


def test_remember_grows_a_static_list() -> None:
    assert leaky_package.remember("a line") > 0


def test_checksum_leaves_a_block() -> None:
    assert leaky_package.checksum(bytes(1000)) == 0


def test_average_leaves_memory_on_its_error_path() -> None:
    with pytest.raises(TypeError, match="real number"):
        leaky_package.average([1.5, "two", 3.0])

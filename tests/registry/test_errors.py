"""The registry's exceptions."""

import pytest

from registry import BrokenEntry, DuplicateName, RegistryError, UnknownName
from registry.errors import describe_exception


def test_registry_errors_are_lookup_errors_but_not_key_errors():
    assert issubclass(RegistryError, LookupError) and not issubclass(RegistryError, KeyError)
    for each in (UnknownName, DuplicateName, BrokenEntry):
        assert issubclass(each, RegistryError)


def test_message_is_one_line():
    assert str(UnknownName("two\n lines")) == "two lines"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError(), "ValueError"),
        (SystemExit(3), "SystemExit: 3"),
        (OSError("\n\n  the cause\nand more"), "OSError: the cause"),
    ],
)
def test_exception_is_described_by_its_type_and_first_line(error, text):
    assert describe_exception(error) == text

"""The table of properties: complete, selectable, and readable without TensorFlow."""

import pytest

from zoo.conformance.properties import PROPERTIES, select
from zoo.conformance.suite import properties
from zoo.errors import RequestError


def test_every_property_has_a_function_and_a_summary():
    for name, each in PROPERTIES.items():
        assert properties[name].__name__ == name
        assert each.summary() == properties[name].__doc__.partition("\n")[0]
        assert each.summary().endswith(".")


def test_select_returns_all_or_the_named_properties_in_their_order():
    assert select(None) == list(PROPERTIES)
    assert select(["rows", "interface"]) == ["interface", "rows"]
    assert select("rows") == ["rows"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["learnin"], "unknown property 'learnin'. Did you mean 'learning'"),
        (["xyz"], "unknown property 'xyz'. `zoo check --list`"),
        ([], "no property is selected"),
    ],
)
def test_select_rejects_unknown_names(names, message):
    with pytest.raises(RequestError, match=message):
        select(names)


def test_table_is_read_without_tensorflow(fresh_process):
    code = (
        "import sys; from zoo.conformance.properties import PROPERTIES; import zoo.cli.checking; "
        "[each.summary() for each in PROPERTIES.values()]; "
        "print({'keras', 'tensorflow'} & set(sys.modules))"
    )
    assert fresh_process(code).strip() == "set()"

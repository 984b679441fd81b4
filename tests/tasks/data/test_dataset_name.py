"""The parts of a dataset name."""

import pytest

from tasks.data.dataset_name import DatasetName


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("zoo_names", ("zoo_names", None, None)),
        ("zoo_adding/600", ("zoo_adding", "600", None)),
        ("zoo_names:1.0.0", ("zoo_names", None, "1.0.0")),
        ("zoo_adding/600:1.0.0", ("zoo_adding", "600", "1.0.0")),
        ("zoo_adding/", ("zoo_adding", "", None)),
        ("", ("", None, None)),
    ],
)
def test_dataset_name_has_base_configuration_and_version(name, parts):
    assert DatasetName.parse(name) == parts

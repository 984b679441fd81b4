"""The registry of embedded datasets, and their builders in TFDS."""

import pytest

import tasks.datasets
from tasks.datasets import datasets

NAMES = [
    "zoo_adding",
    "zoo_copy_memory",
    "zoo_delayed_recall",
    "zoo_jupyter_fr",
    "zoo_names",
    "zoo_pydoc",
    "zoo_turkish_treebank",
]


@pytest.mark.parametrize(
    "imports",
    [
        "tasks.datasets, tensorflow_datasets",
        "tensorflow_datasets, tasks.datasets",
        "tasks.datasets, tasks.data.generated",
    ],
)
def test_tfds_finds_the_builders_in_any_order_of_imports(imports, fresh_process):
    output = fresh_process(
        f"import {imports}, tensorflow_datasets as tfds\n"
        "from tasks import datasets\n"
        "print(*(tfds.builder_cls(name) is datasets.get(name) for name in datasets.names()))"
    )
    assert output.split() == ["True"] * len(NAMES)


@pytest.mark.parametrize("name", ["zoo_pydoc", "zoo_adding"])
def test_builder_can_be_the_first_import(name, fresh_process):
    code = f"from tasks import datasets\nprint(datasets.get({name!r}).name)"
    assert fresh_process(code).strip() == name


def test_listing_imports_no_heavy_library(fresh_process):
    output = fresh_process(
        "import sys\nfrom tasks import datasets\nprint(datasets.names())\n"
        "print(sorted({'tensorflow', 'tensorflow_datasets', 'keras', 'numpy'} & set(sys.modules)))"
    )
    assert output.splitlines() == [str(NAMES), "[]"]


def test_package_functions_match_the_registry():
    assert tasks.datasets.names() == datasets.names() == NAMES
    assert tasks.datasets.get("zoo_pydoc") is datasets.get("zoo_pydoc")
    assert tasks.datasets.entry("zoo_pydoc") == datasets.entry("zoo_pydoc")
    assert [record.name for record in tasks.datasets.records()] == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_builder_states_licence_citation_and_version(name, tmp_path):
    builder = datasets.get(name)(data_dir=tmp_path)
    assert str(builder.version) == "1.0.0" and builder.release_notes == {"1.0.0": "First version."}
    assert builder.info.citation.startswith("@") and builder.info.description
    (record,) = datasets.records(name)
    assert record.facts["licence"] == builder.info.redistribution_info.license
    assert record.facts["tags"]

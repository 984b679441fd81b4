"""Matching of roles with features or columns."""

import pytest

from tasks.data.matching import Field, match
from tasks.data.roles import Role
from zoo.errors import RequestError

WORDS, TAGS = Role("words", "words"), Role("tags", "tags")
FIELDS = {
    "tokens": Field("Sequence(Text)", by_type=("words",), by_name=("tags",)),
    "upos": Field("Sequence(ClassLabel)", by_type=("tags",)),
    "xpos": Field("Sequence(Text)", by_type=("words",), by_name=("tags",)),
}


def match_fields(roles, requested=None, fields=FIELDS):
    return match(roles, fields, requested, "the dataset 'mine'", "feature")


def test_requested_fields_precede_preferred_names_and_types():
    words, tags = Role("words", "words", ("tokens",)), Role("tags", "tags", ("xpos", "upos"))
    assert match_fields((words, TAGS)) == {"words": "tokens", "tags": "upos"}
    assert match_fields((words, tags)) == {"words": "tokens", "tags": "xpos"}
    assert match_fields((words, tags), {"tags": "upos"}) == {"words": "tokens", "tags": "upos"}


def test_roles_of_one_kind_match_the_same_number_of_fields_in_order():
    texts = {name: Field("Text", by_type=("text",)) for name in ("fr", "en")}
    pair = Role("source", "text"), Role("target", "text")
    assert match_fields(pair, fields=texts) == {"source": "fr", "target": "en"}
    assert match_fields(pair, {"source": "en"}, texts) == {"source": "en", "target": "fr"}
    with pytest.raises(RequestError, match=r"'source': several fit \(fr, en, de\)"):
        match_fields(pair, fields={**texts, "de": Field("Text", by_type=("text",))})


@pytest.mark.parametrize(
    ("roles", "requested", "fragments"),
    [
        ((WORDS, TAGS), {"tags": "ner"}, ("'ner'", "upos: Sequence(ClassLabel)")),
        ((WORDS, TAGS), {"word": "tokens"}, ("'word'", "'words', 'tags'")),
        ((WORDS, TAGS), {"words": "upos"}, ("'upos'", "kind words")),
        ((WORDS,), None, ("several fit (tokens, xpos)", '--features=\'{"words": "NAME"}\'')),
        ((Role("target", "number"),), None, ("'target'", "none fits", "xpos: Sequence(Text)")),
    ],
)
def test_roles_without_a_fitting_field_are_rejected(roles, requested, fragments):
    with pytest.raises(RequestError) as caught:
        match_fields(roles, requested)
    assert all(fragment in str(caught.value) for fragment in fragments), caught.value

"""Messages of Jupyter in English and French."""

import tensorflow_datasets as tfds

from tasks.datasets import datasets, zoo_jupyter_fr

SPLITS = ("train", "validation", "test")


def test_each_message_pair_occurs_in_one_split(load):
    splits, features = load("zoo_jupyter_fr")
    assert isinstance(features, tfds.features.Translation)
    pairs = {
        split: [(e["en"].decode(), e["fr"].decode()) for e in splits[split]] for split in SPLITS
    }
    every_pair = sum(pairs.values(), [])
    assert 2900 < len(every_pair) < 3400
    assert all(250 < len(pairs[split]) < 400 for split in ("validation", "test"))
    keys = [english.casefold().rstrip(" .:!?…") for english, _ in every_pair]
    assert len(set(keys)) == len(keys)
    assert all(text and text == " ".join(text.split()) for pair in every_pair for text in pair)
    expected = ("Restart Kernel and Run All", "Redémarrer le noyau et exécuter tout le code")
    assert expected in every_pair


def test_contexts_plurals_duplicates_and_untranslated_messages_are_dropped():
    catalogues = [
        {
            "": {"domain": "x"},
            "schema\x04Open\n the  file": ["Ouvrir\nle fichier"],
            "%1 row": ["%1 ligne", "no"],
            "%1 (%2)": ["%1 (%2)"],
            "Nothing": [" "],
        },
        {"open the file…": ["Autre"], "Close": ["Fermer"]},
    ]
    assert list(zoo_jupyter_fr.message_pairs(catalogues).values()) == [
        ("Open the file", "Ouvrir le fichier"),
        ("%1 row", "%1 ligne"),
        ("Close", "Fermer"),
    ]


def test_split_of_a_message_does_not_depend_on_other_messages(tmp_path, monkeypatch):
    builder = datasets.get("zoo_jupyter_fr")(data_dir=tmp_path)
    catalogue = {f"message {chr(97 + k % 26)}{chr(97 + k // 26)}": ["message"] for k in range(200)}

    def split_of_each(catalogue):
        monkeypatch.setattr(zoo_jupyter_fr, "read_catalogues", lambda: [catalogue])
        return {
            example["en"]: split
            for split, examples in builder._split_generators(None).items()
            for _, example in examples
        }

    whole = split_of_each(catalogue)
    assert set(whole.values()) == set(SPLITS)
    half = split_of_each(dict(list(catalogue.items())[::2]))
    assert len(half) == 100 and half.items() <= whole.items()

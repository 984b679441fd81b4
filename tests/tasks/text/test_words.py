"""Words and punctuation marks: tokenization and its inverse."""

import pytest
import tensorflow as tf

from tasks.text import words

TOKENS = {
    "Go!": ["Go", "￭!"],
    "Va !": ["Va", "!"],
    "Cours\u202f!": ["Cours", "￭\u202f!"],
    "Aujourd'hui j'ai dit qu'il n'y a pas l’homme.": [
        "Aujourd'hui",
        "j'￭",
        "ai",
        "dit",
        "qu'￭",
        "il",
        "n'￭",
        "y",
        "a",
        "pas",
        "l’￭",
        "homme",
        "￭.",
    ],
    "I don't, Tom's o'clock dogs' house": [
        "I",
        "don",
        "￭'t",
        "￭,",
        "Tom",
        "￭'s",
        "o'￭",
        "clock",
        "dogs",
        "￭'",
        "house",
    ],
    "« Est-ce 3,14 € ? » (oui)": [
        "«",
        "Est",
        "￭-￭",
        "ce",
        "3",
        "￭,￭",
        "14",
        "€",
        "?",
        "»",
        "(￭",
        "oui",
        "￭)",
    ],
    "'Hi', she said: \"É\u0301té?!\"": [
        "'￭",
        "Hi",
        "￭'",
        "￭,",
        "she",
        "said",
        "￭:",
        '"￭',
        "É\u0301té",
        "￭?",
        "￭!",
        '￭"',
    ],
    "--cell=lstm a_b/c.py {x} $5 👍ok": [
        "-",
        "￭-￭",
        "cell",
        "￭=￭",
        "lstm",
        "a_b",
        "￭/￭",
        "c",
        "￭.￭",
        "py",
        "{￭",
        "x",
        "￭}",
        "$￭",
        "5",
        "👍￭",
        "ok",
    ],
    "I_TURN_LEFT _x": ["I_TURN_LEFT", "_x"],
    "": [],
}


@pytest.mark.parametrize(("text", "tokens"), TOKENS.items())
def test_punctuation_is_split_and_joined_again(text, tokens):
    tokenized = words.tokenize(tf.constant([text, "x"]))
    assert [token.decode() for token in tokenized.to_list()[0]] == tokens
    assert words.detokenize(tokenized.to_tensor()).numpy()[0].decode() == text


def test_white_space_and_control_characters_become_one_space():
    tokens = words.tokenize(tf.constant([" a \t\n b\x1f\x1f'c "]))
    assert words.detokenize(tokens.to_tensor()).numpy()[0] == b"a b 'c"

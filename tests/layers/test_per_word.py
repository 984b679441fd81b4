"""PerWord applies its layer to the characters of each word, independently of other words."""

import numpy as np
from small_layers import FEATURES, UNITS, assert_close, normal, random_layer

from zoo.layers.per_word import PerWord


def test_inner_layer_is_applied_to_each_word():
    layer = random_layer("gru")
    characters = normal(2, 3, 5, FEATURES)
    mask = np.arange(5) < np.array([[5, 2, 1], [3, 5, 4]])[:, :, None]
    outputs = PerWord(layer)(characters, mask=mask)
    assert outputs.shape == (2, 3, UNITS)
    for sentence in range(2):
        for word in range(3):
            length = mask[sentence, word].sum()
            alone = layer(characters[sentence, word, :length][None])
            assert_close(outputs[sentence, word], alone[0])


def test_without_a_mask_all_characters_are_valid():
    layer, characters = random_layer("gru"), normal(2, 3, 5, FEATURES)
    expected = PerWord(layer)(characters, mask=np.ones((2, 3, 5), bool))
    assert_close(PerWord(layer)(characters), expected)

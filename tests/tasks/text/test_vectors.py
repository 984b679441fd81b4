"""Features of sequences of vectors."""

import zoo
from tasks.text.vectors import Vectors


def test_vectors_are_encoded_with_a_mask():
    features = Vectors.fit(zoo.Config(), [{"vectors": [[1.0, 2.0]], "target": 3.0}])
    assert features.vocabularies == {"width": 2}
    encoded = features.encode_examples(
        [{"vectors": [[1, 2], [3, 4]], "target": 5.0}, {"vectors": [[6, 7]], "target": 8.0}]
    )
    assert encoded.inputs["vectors"].to_list() == [[[1, 2], [3, 4]], [[6, 7]]]
    assert encoded.inputs["mask"].to_list() == [[True, True], [True]]
    assert encoded.targets.numpy().tolist() == [[5.0], [8.0]]
    assert encoded.lengths.tolist() == [2, 1]

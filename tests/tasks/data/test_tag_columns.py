"""The columns of words and tags in files with one word on each line."""

import pytest

from tasks.data.roles import READS
from tasks.data.sources import read

WORDS = READS["tagged words"]
DOCSTART = "-DOCSTART- -X- -X- O\n\n"
ENTITIES = (
    "EU NNP B-NP B-ORG\nrejects VBZ B-VP O\nGerman JJ B-NP B-MISC\ncall NN I-NP O\n\n"
    "Peter NNP B-NP B-PER\nsaw VBD B-VP O\nher PRP B-NP O\nthere RB B-ADVP O\n. . O O\n\n"
)


def remarks(corpus):
    return " | ".join(corpus.summary.remarks)


@pytest.mark.parametrize("separator", ["\t", " "])
@pytest.mark.parametrize("name", ["a.tsv", "a.conll", "a.iob", "a.bio", "a.train", "a.txt"])
def test_choice_among_four_columns_is_stated(write_file, name, separator):
    path = write_file(name, (DOCSTART + ENTITIES * 10 + DOCSTART).replace(" ", separator))
    corpus = read(WORDS, data=path)
    assert corpus.found == {"words": "1", "tags": "4"}
    assert corpus.splits["train"][0]["tags"] == ["B-ORG", "O", "B-MISC", "O"]
    line = corpus.summary.line()
    assert "words column 1 of 4, tags column 4 of 4; 16 / 2 / 2 sentences; 4 tags" in line
    assert "2 -DOCSTART- lines skipped" in line
    assert "unused columns: 2 (8 values), 3 (5 values)" in line
    assert """choose the column of tags with --features='{"tags": "2"}'""" in line
    assert all("-DOCSTART-" not in each["words"] for each in sum(corpus.splits.values(), []))


def test_chosen_column_is_used_without_a_hint(write_file):
    path = write_file("a.tsv", ENTITIES.replace(" ", "\t") * 10)
    corpus = read(WORDS, data=path, features={"tags": "2"})
    assert corpus.splits["train"][0]["tags"] == ["NNP", "VBZ", "JJ", "NN"]
    assert "choose" not in remarks(corpus)


def test_tags_are_in_the_column_with_fewer_values_than_lemmas(write_file):
    sentences = "".join(f"w{k}s\tw{k}\t{'NOUN' if k % 2 else 'VERB'}\n\n" for k in range(20))
    assert read(WORDS, data=write_file("a.tsv", sentences)).found["tags"] == "3"
    # As many values: tags look less like words.
    few = "cats\tcat\tNOUN\nslept\tsleep\tVERB\n\n" * 10
    assert read(WORDS, data=write_file("b.tsv", few)).found["tags"] == "3"


def test_column_of_word_numbers_holds_neither_words_nor_tags(write_file):
    path = write_file("a.tsv", "1\tthe\tDET\n2\tcat\tNOUN\n3\tcat\tNOUN\n\n" * 10)
    assert read(WORDS, data=path).found == {"words": "2", "tags": "3"}


def test_other_files_are_read_by_the_columns_of_train(write_file):
    other = "a X B-X O\nb X B-X O\n"  # alone, its column 4 could not hold the tags
    paths = [write_file("train.conll", ENTITIES * 2), *[write_file("dev.conll", other)] * 2]
    corpus = read(WORDS, data=paths)
    assert corpus.splits["test"] == [{"words": ["a", "b"], "tags": ["O", "O"]}]


def test_header_names_the_columns(write_file, read_error):
    text = "token\tpos\tner\n\n" + "EU\tNNP\tB-ORG\nwas\tVBD\tO\nand\tCC\tO\n\n" * 10
    corpus = read(WORDS, data=write_file("a.tsv", text))
    assert corpus.found == {"words": "token", "tags": "pos"}
    assert corpus.splits["train"][0]["words"] == ["EU", "was", "and"]
    assert corpus.summary.facts["header"] == "line 1"
    corpus = read(WORDS, data=write_file("a.tsv", text), features={"tags": "ner"})
    assert corpus.splits["train"][0]["tags"] == ["B-ORG", "O", "O"]
    path = write_file("b.tsv", "x\ty\n" + "EU\tNNP\nwas\tVBD\n\n" * 10)
    assert read(WORDS, data=path, header=True).splits["train"][0]["words"] == ["EU", "was"]
    assert read(WORDS, data=path).splits["train"][0]["words"] == ["x", "EU", "was"]
    path = write_file("c.tsv", "token\ttag\ttag\n\na\tX\tY\n")
    assert "'tag' heads columns 2 and 3" in read_error(WORDS, data=path)


def test_comments_are_skipped_and_counted(write_file):
    comment = "# id 12345 domain=en\n"  # as many words as there are columns
    path = write_file("a.conll", (comment + "a _ _ O\n# _ _ B-X\nb _ _ I-X\n\n") * 10)
    corpus = read(WORDS, data=path)
    assert corpus.splits["train"][0]["words"] == ["a", "#", "b"]
    assert "10 comment lines skipped" in remarks(corpus)


def test_line_of_another_width_is_not_misread(write_file, read_error):
    path = write_file("a.conll", ENTITIES + "New York NNP B-NP B-LOC\n")
    assert "line 12 has 5 columns instead of 4" in read_error(WORDS, data=path)
    path = write_file("a.tsv", (ENTITIES * 10).replace(" ", "\t") + "York\tNNP\tB-NP\tO\tx\n")
    assert "1 line with another number of columns than most" in remarks(read(WORDS, data=path))


def test_prose_is_not_read_as_columns(write_file, read_error):
    path = write_file("a.txt", "The cat sat on the mat.\nThe dog did not.\n" * 20)
    assert "cannot fill the roles" in read_error(WORDS, data=path)


def test_conllu_in_a_conll_file_is_recognised(write_file):
    rest = "\t_" * 5
    row = "{}\t{}\t_\t{}\t_" + rest + "\n"
    sentence = row.format(1, "the", "DET") + row.format(2, "cat", "NOUN") + "\n"
    corpus = read(WORDS, data=write_file("a.conll", sentence * 10))
    assert corpus.found == {"words": "form", "tags": "upos"} and corpus.summary.form == "CoNLL-U"

"""Splits pairs of texts into files for `zoo train --task=translation --data=FOLDER`.

    python -m benchmarks.pairs tatoeba fra-eng.zip FOLDER
    python -m benchmarks.pairs scan tasks_train_simple.txt.gz,tasks_test_simple.txt.gz FOLDER

Of Tatoeba, the 20,000 shortest pairs are used, 1,000 for validation and 1,000 for test; of SCAN's
training data, a tenth is used for validation. The seed is fixed. Tatoeba's archive is that of
manythings.org/anki; SCAN's files are those of github.com/brendenlake/SCAN, gzipped.
"""

import collections
import gzip
import pathlib
import random
import re
import sys
import zipfile

SHORTEST, HELD_OUT = 20_000, 1_000


def tatoeba(archive):
    """Return the pairs of each split. No source sentence is in two splits."""
    text = zipfile.ZipFile(archive).read("fra-eng/fra.txt").decode("utf-8")
    pairs = sorted(
        (line.split("\t")[:2] for line in text.splitlines()), key=lambda pair: len("".join(pair))
    )
    by_source = collections.defaultdict(list)
    for pair in pairs[:SHORTEST]:
        by_source[pair[0]].append(pair)
    groups, splits = list(by_source.values()), {"train": [], "validation": [], "test": []}
    random.Random(0).shuffle(groups)
    for group in groups:
        fitting = [
            name for name in ("validation", "test") if len(splits[name]) + len(group) <= HELD_OUT
        ]
        splits[fitting[0] if fitting else "train"] += group
    return splits


def scan(files):
    """Return the pairs of each split, from the files of training and test, comma-separated."""
    train, test = (
        re.findall(r"IN: (.+) OUT: (.+)", gzip.decompress(pathlib.Path(file).read_bytes()).decode())
        for file in files.split(",")
    )
    random.Random(0).shuffle(train)
    tenth = len(train) // 10
    return {"train": train[tenth:], "validation": train[:tenth], "test": test}


def main(argv):
    if len(argv) != 3 or argv[0] not in ("tatoeba", "scan"):
        sys.exit(__doc__)
    kind, source, folder = argv
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    for split, pairs in {"tatoeba": tatoeba, "scan": scan}[kind](source).items():
        lines = ["source\ttarget", *("\t".join(pair) for pair in pairs)]
        pathlib.Path(folder, f"{split}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

"""Guess the task for which files are read, if none is named."""

import pathlib
from collections.abc import Mapping, Sequence

from tasks.data import comparison, files
from tasks.data.corpus import Corpus
from tasks.data.roles import READS, Role
from zoo.errors import RequestError

# In the order in which they are tried: the last ones fit many files.
_CANDIDATES = ("classification", "pos_tagging", "translation", "language_model")


def guess_task(
    roles_of: Mapping[str, Sequence[Role]],
    data: Sequence[str | pathlib.Path],
    features: Mapping[str, str] | None = None,
    header: bool | None = None,
) -> tuple[str, Corpus]:
    """Return the first task that can read the files, and their corpus.

    Args:
        roles_of: dict of task name to its roles, in the order of the trials.
        data: the files.
        features: dict of role name to column.
        header: whether the first lines are headers.

    Raises:
        RequestError: no task can read the files; the message is that of the first one whose format
            fits.
    """
    failure: RequestError | None = None
    for task, roles in roles_of.items():
        try:
            corpus = files.read(roles, data, features, header)
        except RequestError as error:
            if failure is None or "cannot fill the roles" in str(failure):
                failure = error
            continue
        if not _looks_like_pairs(corpus, roles):
            return task, corpus
    assert failure is not None
    raise failure


def candidates() -> dict[str, tuple[Role, ...]]:
    """Return the roles of the tasks that read files, in the order in which they are tried."""
    names = ("labelled text", "tagged words", "pairs of texts", "text")
    return {task: READS[name] for task, name in zip(_CANDIDATES, names, strict=True)}


def _looks_like_pairs(corpus: Corpus, roles: Sequence[Role]) -> bool:
    """Return whether most "tags" occur once: a pair of texts on each line is not a tagged word."""
    role = comparison.classes_role(roles)
    if role is None or role.kind != "tags" or len(corpus.splits["train"]) > 1:
        return False
    tags = comparison.classes(corpus.splits["train"], role)
    return len(tags) > 1 and len(set(tags)) > len(tags) / 2

"""The user's own files, read before TensorFlow is imported."""

import pathlib

from tasks.data import comparison, files
from tasks.data.roles import READS, Role
from tasks.library import tasks
from zoo.cli.flags import Verb
from zoo.cli.output import quiet_tensorflow
from zoo.config import Config
from zoo.errors import RequestError

COLUMN_FIELDS = ("features", "header")
_STORED_CONFIGS = ("config.json", "search.json")


def check_columns(verb: Verb, file: str, has_file: bool) -> None:
    """Raise RequestError for a flag about columns without the file that it is about.

    Args:
        verb: the command, its flags parsed.
        file: the name of the flag of the file.
        has_file: whether the flag names a file.
    """
    for name in COLUMN_FIELDS:
        if verb[name] is not None and not has_file:
            raise RequestError(f"--{name} is for the columns of --{file}=FILE. Add a file.")


def loaded_roles(task: str) -> tuple[Role, ...]:
    """Return the roles of a task, which is imported if its facts do not name them."""
    if (roles := roles_of(task)) is not None:
        return roles
    quiet_tensorflow()
    return tuple(tasks.get(task).roles)


def roles_of(task: str) -> tuple[Role, ...] | None:
    """Return the roles of a task without importing it; None if its facts do not name them."""
    record = next((each for each in tasks.records(task) if each.name == task), None)
    return READS.get(str(record.facts.get("reads"))) if record else None


def check_files(config: Config, run_dir: str) -> None:
    """Read the files of a configuration, so that a mistake in them is reported at once.

    They are not read a second time after TensorFlow has been imported, see `tasks.data.files`.

    Args:
        config: the configuration of the flags.
        run_dir: the folder of the run or search; if it has begun, its record says where files lie
            that the current folder lacks.

    Raises:
        RequestError: a file cannot be read, or there is nothing to learn from it.
    """
    roles = roles_of(config.task)
    if not config.data or config.dataset or roles is None:
        return
    has_begun = any((pathlib.Path(run_dir) / name).exists() for name in _STORED_CONFIGS)
    if has_begun and not all(pathlib.Path(path).expanduser().exists() for path in config.data):
        return
    corpus = files.read(roles, config.data, config.features or None, config.header)
    comparison.require_learnable(corpus.splits, roles, corpus.name)

"""The command `zoo`: a table of verbs, each in a module of its own that is imported when it is asked for."""

import difflib
import importlib
import os
import sys

from registry import RegistryError
from zoo.errors import RequestError, RunError

VERBS = {
    "list": (
        "zoo.cli.listing:run",
        "cells, heads, tasks, datasets, initializers and tuners by name",
    ),
    "show": ("zoo.cli.showing:run", "one of them: its facts, its equations, where it is"),
    "check": ("zoo.cli.checking:run", "whether a cell keeps what a cell promises"),
    "train": ("zoo.cli.training:run", "train one configuration into a run folder"),
    "evaluate": ("zoo.cli.evaluating:run", "score a run's model on a split"),
    "predict": ("zoo.cli.predicting:run", "answers of a run or an export to your texts"),
    "generate": ("zoo.cli.generating:run", "let a language model go on with a prompt"),
    "tune": ("zoo.cli.tuning:run", "search for the best configuration, and export it"),
    "report": (
        "zoo.cli.reporting:run",
        "learning curves, leaderboard and scores of a run or a search, and a page of them",
    ),
    "export": ("zoo.cli.exporting:run", "write a run's SavedModel"),
    "bench": ("zoo.cli.benching:run", "time cells at a shape of yours"),
}


def main(argv=None):
    """Runs one verb; returns the exit status: 0, 1 (it failed), 2 (a wrong request)."""
    argv = sys.argv[1:] if argv is None else list(argv)
    try:
        return _run(argv)
    except (RequestError, RegistryError) as error:
        return _say(error, 2)
    except RunError as error:
        return _say(error, 1)
    except KeyboardInterrupt:
        return _say("interrupted. The same command goes on after the last finished epoch.", 1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        if os.environ.get("ZOO_TRACEBACK"):
            raise
        return _say(_unforeseen(error), 1)


def _run(argv):
    if not argv or argv[0] in ("help", "-h", "--help", "--helpfull"):
        print(_help())
        return 0 if argv else 2
    if argv[0] == "--version":
        print(importlib.import_module("zoo").__version__)
        return 0
    if argv[0] not in VERBS:
        near = difflib.get_close_matches(argv[0], VERBS, 1)
        raise RequestError(
            f"there is no verb {argv[0]!r}."
            + (f" Did you mean `zoo {near[0]}`?" if near else f" There are: {', '.join(VERBS)}.")
        )
    module, _, function = VERBS[argv[0]][0].partition(":")
    return getattr(importlib.import_module(module), function)(argv[1:])


def _help():
    verbs = "\n".join(f"  zoo {verb:10s} {text}" for verb, (_, text) in VERBS.items())
    return f"Recurrent networks on Keras.\n\n{verbs}\n\n`zoo VERB --help` says more."


def _unforeseen(error):
    if isinstance(error, OSError):
        return (
            f"{error.filename or 'a file'}: {error.strerror or error}. Check the path, its permissions and the free "
            "space on its disk."
        )
    return (
        f"{type(error).__name__}: {str(error).rstrip('.')}. This should not happen: run it again with "
        "ZOO_TRACEBACK=1 in the environment and report what it prints."
    )


def _say(message, status):
    print(f"zoo: {' '.join(str(message).split())}", file=sys.stderr)
    return status

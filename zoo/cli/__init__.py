"""The command `zoo`: a table of commands, each a function in a module of its own.

The module of a command is imported when the command runs. A command imports modules that need
TensorFlow inside its function, after it has parsed its flags, so that listings, `--help` and
messages about invalid flags do not wait for TensorFlow.
"""

import difflib
import errno
import importlib
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import NamedTuple

import zoo
from registry import RegistryError
from zoo import interruption, streams
from zoo.errors import OUT_OF_MEMORY, RequestError, RunError, is_out_of_memory


class Command(NamedTuple):
    """A command.

    Attributes:
        run: the function that runs it.
        summary: its line in `zoo --help`.
        resumes: whether it resumes where an earlier call was interrupted.
    """

    run: Callable[[Sequence[str]], int]
    summary: str
    resumes: bool = False


def _in(module: str) -> Callable[[Sequence[str]], int]:
    """Return the function `run` of a module of this package, which is imported at the call."""

    def run(argv: Sequence[str]) -> int:
        return importlib.import_module(f"zoo.cli.{module}").run(argv)

    return run


VERBS = {
    "list": Command(_in("listing"), "list cells, heads, tasks, datasets, initializers and tuners"),
    "show": Command(_in("showing"), "show facts, equations, weights and source file of a name"),
    "check": Command(_in("checking"), "check a cell with the conformance suite"),
    "inspect": Command(_in("inspecting"), "show what is read from files or a dataset"),
    "train": Command(_in("training"), "train one configuration into a run folder", True),
    "evaluate": Command(_in("evaluating"), "evaluate the model of a run on a split"),
    "predict": Command(_in("predicting"), "predict for texts with a run or an export"),
    "generate": Command(_in("generating"), "complete a prompt with a language model"),
    "tune": Command(_in("tuning"), "search for the best configuration, and export its model", True),
    "report": Command(_in("reporting"), "show and write the report of a run or a search"),
    "export": Command(_in("exporting"), "export the model of a run as a SavedModel"),
    "diagnose": Command(_in("diagnosing"), "measure the gradient over time, with a verdict"),
    "draw": Command(_in("drawing"), "draw a network over time, or the cliff of its loss"),
    "bench": Command(_in("benching"), "time cells at a given shape"),
}
SUCCESS, RUN_TIME_FAILURE, INVALID_REQUEST = 0, 1, 2
# Errors of the operating system that are due to the name of a file.
_NAME_ERRORS = (errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR, errno.EILSEQ)
_LONGEST, _SHORT = 1000, 450  # characters of a message, and of each end of a shortened one


def main(argv: Sequence[str]) -> int:
    """Run one command, and report its error.

    Args:
        argv: the command and its arguments.

    Returns:
        The exit status: 0 success, 1 run-time failure, 2 invalid request, 128 + N signal N.
    """
    interruption.set_message(f"zoo: {_interrupted(argv)}")
    try:
        status = _run(argv)
        streams.flush()
        return status
    except (RequestError, RegistryError) as error:
        return _report(error, INVALID_REQUEST)
    except RunError as error:
        return _report(error, RUN_TIME_FAILURE)
    except KeyboardInterrupt:
        return _report(_interrupted(argv), interruption.STATUS + signal.SIGINT)
    except BrokenPipeError:
        streams.discard()
        return RUN_TIME_FAILURE
    except Exception as error:
        if os.environ.get("ZOO_TRACEBACK"):
            raise
        is_name_error = isinstance(error, OSError) and error.errno in _NAME_ERRORS
        return _report(_unexpected(error), INVALID_REQUEST if is_name_error else RUN_TIME_FAILURE)


def _run(argv: Sequence[str]) -> int:
    if not argv or argv[0] in ("help", "-h", "--help", "--helpfull"):
        print(_help())
        return SUCCESS if argv else INVALID_REQUEST
    if argv[0] == "--version":
        print(zoo.__version__)
        return SUCCESS
    if argv[0] not in VERBS:
        near = difflib.get_close_matches(argv[0], VERBS, 1)
        raise RequestError(
            f"unknown command {argv[0]!r}."
            + (f" Did you mean `zoo {near[0]}`?" if near else f" Commands: {', '.join(VERBS)}.")
        )
    return VERBS[argv[0]].run(argv[1:])


def _help() -> str:
    commands = "\n".join(f"  zoo {name:10s} {command.summary}" for name, command in VERBS.items())
    return (
        f"Recurrent networks on Keras.\n\n{commands}\n\n"
        "`zoo COMMAND --help` describes a command.\n"
        "Exit status: 0 success, 1 run-time failure, 2 invalid request, 128 + N signal N."
    )


def _interrupted(argv: Sequence[str]) -> str:
    resumes = argv and argv[0] in VERBS and VERBS[argv[0]].resumes
    return f"interrupted{'; repeat the command to resume' if resumes else ''}."


def _unexpected(error: Exception) -> str:
    if is_out_of_memory(error):
        return OUT_OF_MEMORY
    if isinstance(error, OSError):
        return (
            f"{error.filename or 'the output'}: {error.strerror or error}. Check the path, its "
            "permissions and the free space on its disk."
        )
    return (
        f"{type(error).__name__}: {str(error).rstrip('.')}. This should not happen: repeat the "
        "command with ZOO_TRACEBACK=1 in the environment and report its output."
    )


def _report(message: object, status: int) -> int:
    from zoo.runs.console import printable

    text = printable(" ".join(str(message).split()), "")
    if len(text) > _LONGEST:  # it quotes a long value
        text = f"{text[:_SHORT]} [...] {text[-_SHORT:]}"
    print(f"zoo: {text}", file=sys.stderr)
    return status

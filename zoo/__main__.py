"""The command `zoo`; `python -m zoo` is the same."""

import gc
import sys

from zoo import interruption, streams


def main() -> int:
    """Run the command of this process; a signal ends it also while its modules are imported."""
    streams.prepare()  # first: the watch would get the number of a closed stream
    with interruption.watch("zoo: interrupted."):
        from zoo.cli import main as run

        status = run(sys.argv[1:])
        gc.freeze()  # the exit would look at all objects several times
        return status


if __name__ == "__main__":
    sys.exit(main())

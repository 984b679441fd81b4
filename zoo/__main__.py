"""The command `zoo`; `python -m zoo` is the same."""

import sys

from zoo import interruption


def main() -> int:
    """Run the command of this process; a signal ends it also while its modules are imported."""
    with interruption.watch("zoo: interrupted."):
        from zoo.cli import main as run

        return run()


if __name__ == "__main__":
    sys.exit(main())

"""Run folders of which one file or more has been changed."""

import os
import shutil

from integration.tampering import tamper

TEXT_SUFFIXES = (".json", ".csv", ".html", ".md", ".txt")


def change_run(rng, run):
    """Change a file of a run folder; return a description of the change."""
    paths = sorted(path for path in run.rglob("*") if path.is_file() and "plots" not in path.parts)
    path = rng.choice(paths)
    if path.suffix in TEXT_SUFFIXES and rng.random() < 0.7:
        return tamper(path, rng.random())
    change = rng.choice(CHANGES)
    change(rng, path, paths)
    return f"{path.relative_to(run)}, {change.__name__}"


def remove(rng, path, paths):
    path.unlink()


def empty(rng, path, paths):
    path.write_bytes(b"")


def truncate(rng, path, paths):
    os.truncate(path, rng.randrange(path.stat().st_size or 1))


def flip_bytes(rng, path, paths):
    """Change some bytes."""
    content = bytearray(path.read_bytes() or b"x")
    for _ in range(rng.choice((1, 5, 50))):
        content[rng.randrange(len(content))] = rng.randrange(256)
    path.write_bytes(content)


def replace_by_folder(rng, path, paths):
    path.unlink()
    path.mkdir()


def replace_by_fifo(rng, path, paths):
    path.unlink()
    os.mkfifo(path)


def replace_by_link(rng, path, paths):
    path.unlink()
    path.symlink_to(rng.choice(["/etc/passwd", "/dev/zero", "/nowhere", path.name]))


def replace_by_another(rng, path, paths):
    """Replace a file by another one of the run."""
    other = rng.choice(paths)
    if other != path:
        shutil.copyfile(other, path)


def append(rng, path, paths):
    with open(path, "ab") as file:
        file.write(rng.choice([b"\0", b"x,y\n", b"{}", b"\xff" * 1000]))


CHANGES = (
    remove,
    empty,
    truncate,
    flip_bytes,
    replace_by_folder,
    replace_by_fifo,
    replace_by_link,
    replace_by_another,
    append,
)

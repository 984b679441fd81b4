"""Description of the machine and the versions of a benchmark."""

import importlib.metadata
import os
import pathlib
import platform
import sys
import time

PACKAGES = ("recurrent-zoo", "tensorflow", "keras", "torch", "torchrecurrent")


def machine(threads, **facts):
    """Return the benchmark's flags, the processor, the threads of a candidate, and other facts."""
    return {
        "flags": " ".join(_without_json(sys.argv[1:])) or None,
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": threads,
        "system": platform.platform(),
        "load_before": round(os.getloadavg()[0], 2),
        **facts,
    }


def _without_json(flags):
    """Return the flags without --json and its file, which differ from machine to machine."""
    kept, after_json = [], False
    for flag in flags:
        is_file = after_json and (flag == "-" or not flag.startswith("-"))
        after_json = flag == "--json"
        if not (is_file or after_json or flag.startswith("--json=")):
            kept.append(flag)
    return kept


def versions():
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        if installed(package):
            found[package] = importlib.metadata.version(package)
    return found


def installed(package):
    try:
        importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _processor():
    cpuinfo = pathlib.Path("/proc/cpuinfo")
    names = (
        [
            line.partition(":")[2].strip()
            for line in cpuinfo.read_text().splitlines()
            if line.startswith("model name")
        ]
        if cpuinfo.exists()
        else []
    )
    return names[0] if names else platform.processor()


def resident_megabytes():
    """Return the resident memory of this process (Linux)."""
    pages = int(pathlib.Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def other_load(seconds=0.5):
    """Return the number of cores that other processes use while this one waits; None: unknown."""
    before = _busy_seconds()
    if before is None:
        return None
    time.sleep(seconds)
    return round((_busy_seconds() - before) / seconds, 2)


def _busy_seconds():
    """Return the seconds that all cores together have worked since the machine started (Linux)."""
    stat = pathlib.Path("/proc/stat")
    if not stat.exists():
        return None
    user, nice, system, _, _, *interrupts = map(int, stat.read_text().split()[1:8])
    return (user + nice + system + sum(interrupts)) / os.sysconf("SC_CLK_TCK")

"""What a result was measured on."""

import importlib.metadata
import os
import pathlib
import platform
import sys

PACKAGES = ("recurrent-zoo", "tensorflow", "keras", "torch", "torchrecurrent")


def machine(threads, **measured):
    """The flags of the benchmark, the processor, the threads that every contender had, and what else was measured of it."""
    flags = " ".join(flag for flag in sys.argv[1:] if not flag.startswith("--json"))
    return {
        "flags": flags or None,
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": threads,
        "system": platform.platform(),
        "load_before": round(os.getloadavg()[0], 2),
        **measured,
    }


def cores():
    """The cores that this process may use: TensorFlow starts as many threads."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


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
    listed = pathlib.Path("/proc/cpuinfo")
    names = (
        [
            line.partition(":")[2].strip()
            for line in listed.read_text().splitlines()
            if line.startswith("model name")
        ]
        if listed.exists()
        else []
    )
    return names[0] if names else platform.processor()

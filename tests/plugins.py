"""Install two plugin distributions, one of them broken, into a folder of the test session."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
DISTRIBUTIONS = ("plugin_distribution", "broken_plugin_distribution")
OFFLINE = (
    "--no-build-isolation",
    "--no-deps",
    "--no-index",
    "--no-cache-dir",
    "--disable-pip-version-check",
)


def install_plugins(folder):
    """Install both distributions under `folder`, once; return the directory for `sys.path`.

    The sources are copied first, because a build writes `build/` and `*.egg-info` beside them.
    """
    target = Path(folder) / "installed_plugins"
    if target.exists():
        return target
    sources = [Path(folder) / "plugin_sources" / name for name in DISTRIBUTIONS]
    for source in sources:
        shutil.copytree(
            HERE / source.name,
            source,
            ignore=shutil.ignore_patterns("__pycache__"),
            dirs_exist_ok=True,
        )
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        *OFFLINE,
        "--target",
        target,
        *sources,
    ]
    done = subprocess.run(pip, capture_output=True, text=True)
    if done.returncode:
        shutil.rmtree(target, ignore_errors=True)
        raise RuntimeError(f"pip could not install the plugins:\n{done.stdout}{done.stderr}")
    return target


@pytest.fixture(scope="session")
def installed_plugins(tmp_path_factory):
    """Return the directory into which pip installed both distributions."""
    return install_plugins(tmp_path_factory.getbasetemp())

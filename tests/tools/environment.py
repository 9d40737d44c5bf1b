# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the tools work, and the environments they get: the same on every machine, and nothing outside the checkout."""

from __future__ import annotations

import contextlib
import fcntl
import locale
import os
import pathlib
import sys
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / ".build"
# The environment that runs this: .venv, or one that nox made.
VENV_BIN = pathlib.Path(sys.prefix) / "bin"
KEPT = {"CI", "LANGUAGE", "LD_LIBRARY_PATH", "LOGNAME", "NO_COLOR", "TERM", "TMPDIR", "USER"}
# Settings of pip that send packages elsewhere, or leave some out.
MISLEADING = {
    *("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_PYTHON"),
    *("PIP_DRY_RUN", "PIP_NO_DEPS", "PIP_CONSTRAINT", "PIP_REQUIRE_VIRTUALENV"),
}


def tool_environment(folder: pathlib.Path = VENV_BIN) -> dict[str, str]:
    """For tools and tests: no settings of the caller's Ansible, Python or obshell, and a home in `.build`."""
    home = BUILD / "home"
    home.mkdir(parents=True, exist_ok=True)
    return {name: value for name, value in os.environ.items() if name in KEPT} | {
        "ANSIBLE_COLLECTIONS_PATH": str(BUILD),
        "ANSIBLE_HOME": str(home / ".ansible"),
        # The checkout may belong to another user, for example in a container.
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
        "HOME": str(home),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(BUILD / "cache/hypothesis"),
        "LC_ALL": utf8_locale(),
        "PATH": os.pathsep.join([str(folder), os.environ.get("PATH", os.defpath)]),
        "PYTHONPATH": str(BUILD),
        "PYTHONPYCACHEPREFIX": str(BUILD / "cache/python"),
        "XDG_CACHE_HOME": str(BUILD / "cache"),
    }


def install_environment() -> dict[str, str]:
    """For the installation of packages: the caller's settings, but packages and caches stay in the checkout."""
    kept = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    kept.setdefault("PIP_CACHE_DIR", str(BUILD / "cache/pip"))
    kept.setdefault("VIRTUALENV_OVERRIDE_APP_DATA", str(BUILD / "cache/virtualenv"))
    return {**kept, "PATH": search_path()}


def utf8_locale() -> str:
    """The name of a UTF-8 locale that this system has: Ansible refuses to start in any other."""
    before = locale.setlocale(locale.LC_ALL)
    for name in ("C.UTF-8", "en_US.UTF-8"):
        with contextlib.suppress(locale.Error):
            locale.setlocale(locale.LC_ALL, name)
            locale.setlocale(locale.LC_ALL, before)
            return name
    return "C.UTF-8"


def search_path() -> str:
    """The PATH, with all Pythons of a version manager (pyenv, asdf, mise) in place of its shims.

    A shim runs only the Python that the caller selected, and not in another environment.
    """
    folders: list[pathlib.Path] = []
    for folder in map(pathlib.Path, os.environ.get("PATH", os.defpath).split(os.pathsep)):
        if folder.name == "shims":
            for pattern in ("versions/*/bin", "installs/python/*/bin"):
                folders += sorted(folder.parent.glob(pattern))
        else:
            folders.append(folder)
    return os.pathsep.join(map(str, dict.fromkeys(folders)))


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Keep a second run in the same checkout from writing the same files."""
    BUILD.mkdir(exist_ok=True)
    with open(BUILD / f"{name}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

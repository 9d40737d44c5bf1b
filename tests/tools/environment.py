# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the tools work, and the environment they get: the same whatever the caller's is."""

from __future__ import annotations

import contextlib
import fcntl
import locale
import os
import pathlib
import re
import subprocess
import sys
from collections.abc import Iterator

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / ".build"
# Of the environment that runs the tool: .venv, or one of another ansible-core.
VENV_BIN = pathlib.Path(sys.prefix) / "bin"
KEPT = {"CI", "LANGUAGE", "LD_LIBRARY_PATH", "LOGNAME", "NO_COLOR", "TERM", "TMPDIR", "USER"}


def tool_environment() -> dict[str, str]:
    """What every tool runs with: no setting of the caller's Ansible, Python or obshell, and a `$HOME` in `.build`."""
    home = BUILD / "home"
    home.mkdir(parents=True, exist_ok=True)
    environment = {name: value for name, value in os.environ.items() if name in KEPT}
    environment.update(
        ANSIBLE_COLLECTIONS_PATH=str(BUILD),
        ANSIBLE_HOME=str(home / ".ansible"),
        # The checkout may belong to another user, as in a container: git is to read it all the same.
        GIT_CONFIG_COUNT="1",
        GIT_CONFIG_KEY_0="safe.directory",
        GIT_CONFIG_VALUE_0="*",
        HOME=str(home),
        HYPOTHESIS_STORAGE_DIRECTORY=str(BUILD / "cache/hypothesis"),
        LC_ALL=utf8_locale(),
        PATH=os.pathsep.join([str(VENV_BIN), os.environ.get("PATH", os.defpath)]),
        PYTHONPATH=str(BUILD),
        PYTHONPYCACHEPREFIX=str(BUILD / "cache/python"),
        XDG_CACHE_HOME=str(BUILD / "cache"),
    )
    return environment


def utf8_locale() -> str:
    """The name of a UTF-8 locale that this system has: Ansible refuses to start in any other."""
    before = locale.setlocale(locale.LC_ALL)
    for name in ("C.UTF-8", "en_US.UTF-8"):
        with contextlib.suppress(locale.Error):
            locale.setlocale(locale.LC_ALL, name)
            locale.setlocale(locale.LC_ALL, before)
            return name
    return "C.UTF-8"


def search_path() -> tuple[str, set[str]]:
    """A PATH on which each `python3.N` runs and is no version manager's shim, and the versions that it has.

    Shims are no use to ansible-test: it finds them in place of a Python that is not there, and in an environment of its
    own they find nothing.
    """
    folders = [pathlib.Path(folder) for folder in os.environ.get("PATH", os.defpath).split(os.pathsep)]
    pyenv = pathlib.Path(os.environ.get("PYENV_ROOT", pathlib.Path.home() / ".pyenv"))
    real = {f"3.{sys.version_info.minor}": VENV_BIN}
    broken = set()
    for folder in [*folders, *sorted(pyenv.glob("versions/*/bin"))]:
        for command in folder.glob("python3.*"):
            version = command.name.removeprefix("python")
            if re.fullmatch(r"3\.\d+", version):
                executable = real_interpreter(command)
                if executable:
                    real.setdefault(version, executable.parent)
                else:
                    broken.add(folder)
    kept = [folder for folder in folders if folder not in broken]
    return os.pathsep.join(str(folder) for folder in dict.fromkeys([VENV_BIN, *real.values(), *kept])), set(real)


def real_interpreter(command: pathlib.Path) -> pathlib.Path | None:
    """The executable behind a command, or None where it does not run."""
    ask = "import os, sys; print(os.path.realpath(sys.executable))"
    answer = subprocess.run([command, "-I", "-c", ask], capture_output=True, text=True, check=False)
    return pathlib.Path(answer.stdout.strip()) if answer.returncode == 0 else None


@contextlib.contextmanager
def locked(name: str) -> Iterator[None]:
    """Keep a second run in the same checkout from writing the same files."""
    BUILD.mkdir(exist_ok=True)
    with open(BUILD / f"{name}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

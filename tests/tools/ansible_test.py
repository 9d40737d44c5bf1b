# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run `ansible-test` without a container, on a copy of what git knows of the checkout: `ansible_test.py sanity ...`.

A real directory is needed since ansible-test does not take a link, a repository of its own since git ignores `.build`,
and a home of its own since ansible-test writes there.
Fails on what ansible-test passes over in silence: a test that it skipped, unless only for want of a Python.
"""

from __future__ import annotations

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

from environment import BUILD, ROOT, VENV_BIN, locked, search_path, tool_environment

# The versions of pip that ansible-test asks for, in ansible-core 2.17, 2.18 and 2.19, and since 2.20.
PIP_VERSIONS = ("23_1_2", "24_2", "25_2")
# Settings of pip that would send packages elsewhere than into ansible-test's environments.
MISLEADING = {"user", "target", "prefix", "root", "python", "require-virtualenv", "cache-dir", "constraint"}

# What tells of a skip. Integration targets print much of skipped tasks, which are none of ansible-test's own skips.
SKIPS = {"integration": "^WARNING: .*(skipp|excluding)"}
SKIP = "skipp|excluding"


def main() -> int:
    command, *more = sys.argv[1:]
    # Those of one environment's commands that run at the same time do not meet.
    name = f"{command}-{VENV_BIN.parent.name.removeprefix('.')}"
    work = BUILD / "ansible-test" / name
    work.mkdir(parents=True, exist_ok=True)
    with locked(f"ansible-test/{name}"):
        environment = tool_environment()
        copy = work / "ansible_collections/oceanbase/obshell"
        copy_checkout(copy, environment)
        environment["HOME"] = str(work / "home")
        prepare_home(work / "home")
        environment["PATH"], pythons = search_path()
        arguments = [str(VENV_BIN / "ansible-test"), command, "--color", "no", *more]
        return run(arguments, copy, environment, pythons)


def copy_checkout(copy: pathlib.Path, environment: dict[str, str]) -> None:
    """Copy what git tracks or would track."""
    shutil.rmtree(copy, ignore_errors=True)
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        source, target = ROOT / name, copy / name
        if source.is_symlink() or source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
    subprocess.run(["git", "init", "--quiet"], cwd=copy, env=environment, check=True)


def prepare_home(home: pathlib.Path) -> None:
    """Put the pip installer where ansible-test looks for it, and the caller's pip settings where its pip does.

    ansible-test hands no environment variable on to pip.
    """
    cache = home / ".ansible/test/cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in PIP_VERSIONS:
        link = cache / f"get_pip_{version}.py"
        link.unlink(missing_ok=True)
        link.symlink_to(pathlib.Path(__file__).resolve().with_name("get_pip.py"))
    command = [str(VENV_BIN / "python"), "-I", "-m", "pip", "config", "list"]
    asked = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    settings = {"cache-dir": os.environ.get("PIP_CACHE_DIR", str(BUILD / "cache/pip"))}
    for line in asked.stdout.splitlines():
        key, value = line.split("=", maxsplit=1)
        name = key.rpartition(".")[2]
        if name not in MISLEADING:
            settings[name] = " ".join(shlex.split(value))
    for name, variable in (("cert", "REQUESTS_CA_BUNDLE"), ("proxy", "HTTPS_PROXY"), ("proxy", "https_proxy")):
        if variable in os.environ:
            settings.setdefault(name, os.environ[variable])
    file = home / ".config/pip/pip.conf"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text("[global]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items()), encoding="utf-8")


def run(command: list[str], copy: pathlib.Path, environment: dict[str, str], pythons: set[str]) -> int:
    """Run ansible-test, show what it prints, and fail if it failed or skipped what it could have run."""
    skipped = []
    skip = SKIPS.get(command[1], SKIP)
    pipe, stdout = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(command, cwd=copy, env=environment, stdout=pipe, stderr=stdout, text=True) as process:
        assert process.stdout
        for line in process.stdout:
            print(line, end="", flush=True)
            if re.search(skip, line, re.IGNORECASE) and not for_want_of_python(line, pythons):
                skipped.append(line)
    if skipped:
        print("These skips were not expected:\n" + "".join(skipped), end="")
    return process.returncode or bool(skipped)


def for_want_of_python(line: str, pythons: set[str]) -> bool:
    """Whether a line tells of a test skipped on a Python that this machine or this collection does not have."""
    match = re.search(r"on Python (\S+) because it (could not be found|is not supported by this collection)", line)
    return bool(match and (match[1] not in pythons or match[2].endswith("collection")))


if __name__ == "__main__":
    sys.exit(main())

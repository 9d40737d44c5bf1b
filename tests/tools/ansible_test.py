# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run `ansible-test` without a container, on a copy of what git knows of the checkout: `ansible_test.py sanity ...`.

ansible-test does not take a link, so it gets real files; it writes into its home, so it gets one of its own.
Fails on what ansible-test only warns of: a test that it skipped, unless the Python for it is missing.
"""

from __future__ import annotations

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

from environment import BUILD, ROOT, VENV_BIN, install_environment, locked, tool_environment

# The versions of pip that ansible-test asks for, in ansible-core 2.17, 2.18 and 2.19, and since 2.20.
PIP_VERSIONS = ("23_1_2", "24_2", "25_2")


def main() -> int:
    command, *more = sys.argv[1:]
    # A folder for each environment and command, since several run at the same time.
    name = f"{VENV_BIN.parent.name.removeprefix('.')}-{command}"
    work = BUILD / "ansible-test" / name
    copy = work / "ansible_collections/oceanbase/obshell"
    with locked(f"ansible-test-{name}"):
        path = install_environment()["PATH"]
        environment = {**tool_environment(), "HOME": str(work / "home"), "PATH": f"{VENV_BIN}{os.pathsep}{path}"}
        copy_checkout(copy, environment)
        prepare_home(work / "home")
        return run([str(VENV_BIN / "ansible-test"), command, "--color", "no", *more], copy, environment)


def copy_checkout(copy: pathlib.Path, environment: dict[str, str]) -> None:
    """Copy what git tracks or would track, into a repository of its own, since git ignores `.build`."""
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
    """Put our pip installer and the caller's settings of pip there: ansible-test passes no variable on to pip."""
    cache = home / ".ansible/test/cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in PIP_VERSIONS:
        link = cache / f"get_pip_{version}.py"
        link.unlink(missing_ok=True)
        link.symlink_to(pathlib.Path(__file__).resolve().with_name("get_pip.py"))
    settings = {}
    command = [str(VENV_BIN / "python"), "-I", "-m", "pip", "config", "list"]
    asked = subprocess.run(command, env=install_environment(), stdout=subprocess.PIPE, text=True, check=True)
    for line in asked.stdout.splitlines():
        key, value = line.split("=", maxsplit=1)
        settings[key.rpartition(".")[2]] = " ".join(shlex.split(value))
    for name, variable in (("cert", "REQUESTS_CA_BUNDLE"), ("proxy", "HTTPS_PROXY"), ("proxy", "https_proxy")):
        if variable in os.environ:
            settings.setdefault(name, os.environ[variable])
    file = home / ".config/pip/pip.conf"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text("[global]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items()), encoding="utf-8")


def run(command: list[str], copy: pathlib.Path, environment: dict[str, str]) -> int:
    """Run ansible-test, show what it prints, and fail if it failed or skipped what it could have run."""
    skipped = []
    # Integration targets print much about skipped tasks, which is not about skipped tests.
    pattern = ("^WARNING: .*" if command[1] == "integration" else "") + "(skipp|excluding)"
    pipe, stdout = subprocess.PIPE, subprocess.STDOUT
    with subprocess.Popen(command, cwd=copy, env=environment, stdout=pipe, stderr=stdout, text=True) as process:
        assert process.stdout
        for line in process.stdout:
            print(line, end="", flush=True)
            if re.search(pattern, line, re.IGNORECASE) and not lacks_python(line, environment["PATH"]):
                skipped.append(line)
    if skipped:
        print("These skips were not expected:\n" + "".join(skipped), end="")
    return process.returncode or bool(skipped)


def lacks_python(line: str, path: str) -> bool:
    """Whether a line tells of a test skipped on a Python that this machine or this collection does not have."""
    match = re.search(r"on Python (\S+) because it (could not be found|is not supported by this collection)", line)
    return bool(match and (match[2].endswith("collection") or not shutil.which(f"python{match[1]}", path=path)))


if __name__ == "__main__":
    sys.exit(main())

# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Set the checkout up: `.venv` with what a requirement file lists, and `.build` for what the tools write.

Runs on the system's Python with nothing installed, writes into the checkout only, and does nothing when all is up to
date.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import pathlib
import subprocess
import sys
import venv

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / ".build"
VENV = ROOT / ".venv"
REQUIREMENTS = ROOT / "tests/requirements"
# The sets contain each other: what is installed for "test" serves "demo" too.
SETS = {"demo": ["demo.txt"], "test": ["demo.txt", "test.txt"]}
# Settings of pip, as PIP_<NAME>, that would send packages elsewhere than into .venv, or not install all of them.
MISLEADING = ("USER", "TARGET", "PREFIX", "ROOT", "PYTHON", "DRY_RUN", "NO_DEPS", "CONSTRAINT")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("set", choices=SETS)
    wanted = parser.parse_args().set

    BUILD.mkdir(exist_ok=True)
    with open(BUILD / "setup.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        link_collection()
        make_venv()
        install(wanted)


def link_collection() -> None:
    """Let Ansible, pytest and mypy find the checkout as ansible_collections/oceanbase/obshell."""
    link = BUILD / "ansible_collections/oceanbase/obshell"
    target = os.path.relpath(ROOT, link.parent)
    if link.is_symlink() and os.readlink(link) == target:
        return
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def make_venv() -> None:
    """Make `.venv`, anew if it was made by another Python or for another place."""
    stamp = VENV / "made"
    made_by = f"{sys.version}\n{VENV}\n"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == made_by:
        return
    print(f"Setting up .venv with Python {sys.version.split()[0]}", flush=True)
    venv.create(VENV, clear=True, symlinks=True, with_pip=True)
    stamp.write_text(made_by, encoding="utf-8")


def install(wanted: str) -> None:
    """Install a requirement set unless it, or one that contains it, was installed as it now is."""
    if any(stamp_of(name).is_file() for name, files in SETS.items() if set(files) >= set(SETS[wanted])):
        return
    for stamp in VENV.glob("installed-*"):
        stamp.unlink()
    print(f"Installing tests/requirements/{SETS[wanted][-1]} into .venv", flush=True)
    environment = {name: value for name, value in os.environ.items() if name.removeprefix("PIP_") not in MISLEADING}
    environment.setdefault("PIP_CACHE_DIR", str(BUILD / "cache/pip"))
    pip = [str(VENV / "bin/python"), "-I", "-m", "pip", "--no-input", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "install", "--quiet", "-r", str(REQUIREMENTS / SETS[wanted][-1])], env=environment, check=True
    )
    stamp_of(wanted).touch()


def stamp_of(name: str) -> pathlib.Path:
    """The file whose presence says that a set was installed as its files now read."""
    digest = hashlib.sha256(b"".join((REQUIREMENTS / file).read_bytes() for file in SETS[name]))
    return VENV / f"installed-{name}-{digest.hexdigest()[:16]}"


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"Set-up failed: {error}")

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
import html
import importlib.util
import os
import pathlib
import re
import ssl
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
import venv

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / ".build"
VENV = ROOT / ".venv"
REQUIREMENTS = ROOT / "tests/requirements"
# The sets contain each other: what is installed for "docs" serves "test" and "demo" too.
SETS = {"demo": ["demo.txt"], "test": ["demo.txt", "test.txt"], "docs": ["demo.txt", "test.txt", "docs.txt"]}
# Settings of pip that would send packages elsewhere than into .venv, or not install all of them.
MISLEADING = {
    *("PIP_USER", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT"),
    *("PIP_PYTHON", "PIP_DRY_RUN", "PIP_NO_DEPS", "PIP_CONSTRAINT"),
}


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
    # Some systems have split ensurepip off their Python, Debian among them.
    has_ensurepip = importlib.util.find_spec("ensurepip") is not None
    venv.create(VENV, clear=True, symlinks=True, with_pip=has_ensurepip)
    if not has_ensurepip:
        install_pip()
    stamp.write_text(made_by, encoding="utf-8")


def install_pip() -> None:
    """Fetch pip from the package index (`PIP_INDEX_URL`, else PyPI) and let it install itself into `.venv`."""
    index = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/") + "/pip/"
    context = ssl.create_default_context(cafile=os.environ.get("PIP_CERT"))
    with urllib.request.urlopen(index, context=context) as answer:
        page, base = answer.read().decode(), answer.url
    wheels: dict[tuple[int, ...], str] = {}
    for link in re.findall(r'href="([^"]+)"', page):
        match = re.search(r"/?pip-([0-9.]+)-py3-none-any\.whl(#|$)", link)
        if match:
            wheels[tuple(map(int, match[1].split(".")))] = urllib.parse.urljoin(base, html.unescape(link))
    url, fragment = urllib.parse.urldefrag(wheels[max(wheels)])
    with urllib.request.urlopen(url, context=context) as answer:
        content = answer.read()
    if fragment.startswith("sha256=") and fragment != f"sha256={hashlib.sha256(content).hexdigest()}":
        sys.exit(f"{url} is not what {index} says it is")
    with tempfile.TemporaryDirectory() as folder:
        wheel = pathlib.Path(folder) / url.rpartition("/")[2]
        wheel.write_bytes(content)
        # A wheel is an archive that Python can run from.
        run_pip([str(wheel / "pip")], str(wheel))


def run_pip(pip: list[str], *arguments: str) -> None:
    """Run pip, given as arguments of `.venv`'s Python, to install into `.venv`."""
    environment = {name: value for name, value in os.environ.items() if name not in MISLEADING}
    environment.setdefault("PIP_CACHE_DIR", str(BUILD / "cache/pip"))
    command = [str(VENV / "bin/python"), "-I", *pip, "--no-input", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*command, *arguments], env=environment, check=True)


def install(wanted: str) -> None:
    """Install a requirement set unless it, or one that contains it, was installed as it now is."""
    if any(stamp_of(name).is_file() for name, files in SETS.items() if set(files) >= set(SETS[wanted])):
        return
    for stamp in VENV.glob("installed-*"):
        stamp.unlink()
    print(f"Installing tests/requirements/{SETS[wanted][-1]} into .venv", flush=True)
    run_pip(["-m", "pip"], "-r", str(REQUIREMENTS / SETS[wanted][-1]))
    stamp_of(wanted).touch()


def stamp_of(name: str) -> pathlib.Path:
    """The file whose presence says that a set was installed as its files now read."""
    digest = hashlib.sha256(b"".join((REQUIREMENTS / file).read_bytes() for file in SETS[name]))
    return VENV / f"installed-{name}-{digest.hexdigest()[:16]}"


if __name__ == "__main__":
    try:
        main()
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"Set-up failed: {error}")

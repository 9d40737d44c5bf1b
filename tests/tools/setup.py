# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Set the checkout up: `.venv` for what the tools import, and `.build` for what they write.

`setup.py test` installs tests/requirements/test.txt, and `setup.py demo` only the part that `make demo` needs.
Runs on the system's Python with nothing installed, writes into the checkout only, and does nothing if all is up to
date.
"""

from __future__ import annotations

import hashlib
import html
import importlib.util
import os
import pathlib
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
import venv

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from environment import BUILD, ROOT, install_environment, locked

VENV = ROOT / ".venv"
REQUIREMENTS = ROOT / "tests/requirements"


def main() -> None:
    with locked("setup"):
        link_collection()
        make_venv()
        install(sys.argv[1])


def link_collection() -> None:
    """Let Ansible, pytest and mypy find the checkout as ansible_collections/oceanbase/obshell."""
    link = BUILD / "ansible_collections/oceanbase/obshell"
    target = os.path.relpath(ROOT, link.parent)
    if not link.is_symlink() or os.readlink(link) != target:
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(target)


def make_venv() -> None:
    """Make `.venv`, again if it was made by another Python or for another place."""
    stamp = VENV / "made"
    made_by = f"{sys.version}\n{VENV}\n"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == made_by:
        return
    print(f"Setting up .venv with Python {sys.version.split()[0]}", flush=True)
    shutil.rmtree(BUILD / "nox", ignore_errors=True)
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
        sys.exit(f"{url} does not have the checksum that {index} states")
    with tempfile.TemporaryDirectory() as folder:
        wheel = pathlib.Path(folder) / url.rpartition("/")[2]
        wheel.write_bytes(content)
        # A wheel is an archive that Python can run from.
        run_pip([str(wheel / "pip")], str(wheel))


def run_pip(pip: list[str], *arguments: str) -> None:
    """Run pip, given as arguments of `.venv`'s Python, to install into `.venv`."""
    command = [str(VENV / "bin/python"), "-I", *pip, "--no-input", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*command, *arguments], env=install_environment(), check=True)


def install(wanted: str) -> None:
    """Install a requirement file, unless it or test.txt, which contains it, was installed as all of them now are."""
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(REQUIREMENTS.glob("*.txt")))).hexdigest()
    stamps = {name: VENV / f"installed-{name}-{digest[:16]}" for name in ("demo", "test")}
    if stamps[wanted].is_file() or stamps["test"].is_file():
        return
    for stamp in VENV.glob("installed-*"):
        stamp.unlink()
    print(f"Installing tests/requirements/{wanted}.txt into .venv", flush=True)
    run_pip(["-m", "pip"], "-r", str(REQUIREMENTS / f"{wanted}.txt"))
    stamps[wanted].touch()


if __name__ == "__main__":
    try:
        main()
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"Set-up failed: {error}")

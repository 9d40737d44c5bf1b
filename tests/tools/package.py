# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the collection as it would be released, use the result, and ask of it what its reviewers' tools ask.

Runs in the environment `.build/package`, uses the collection in `.build/user`, and stops at the first check that fails.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile

from environment import BUILD, ROOT, VENV_BIN, locked, tool_environment
from use_installed import USER_BIN, use

WORK = BUILD / "release"
COLLECTIONS = WORK / "collections"
INSTALLED = COLLECTIONS / "ansible_collections/oceanbase/obshell"
# The folders of a release, and what of the tests is in it: by that file ansible-test knows the Pythons of hosts.
FOLDERS = ["LICENSES", "changelogs", "docs", "meta", "playbooks", "plugins", "roles", "tests"]
TESTS = ["tests/config.yml"]


def main() -> int:
    with locked("release"):
        shutil.rmtree(WORK, ignore_errors=True)
        WORK.mkdir(parents=True)
        run("reuse", "lint", "--quiet")
        run("antsibull-changelog", "lint")
        run("ansible-galaxy", "collection", "build", "--output-path", str(WORK), str(ROOT))
        (tarball,) = map(str, WORK.glob("*.tar.gz"))
        check_contents(tarball)
        # The user's way: into an empty folder, with nothing of the checkout on the path.
        galaxy = str(USER_BIN / "ansible-galaxy")
        run(galaxy, "collection", "install", "--offline", "-p", str(COLLECTIONS), tarball)
        run(galaxy, "collection", "verify", "--offline", "oceanbase.obshell")
        use(COLLECTIONS, WORK)
        references = ["--validate-collection-refs", "self", "--check-extra-docs-refs"]
        run("antsibull-docs", "lint-collection-docs", "--plugin-docs", *references, str(INSTALLED))
        # What is wrong but no reason to refuse the collection is a warning to galaxy-importer, and a failure here.
        said = run("python", "-m", "galaxy_importer.main", tarball)
        warnings = [line for line in said.splitlines() if line.startswith(("WARNING", "ERROR"))]
    return bool(warnings)


def check_contents(tarball: str) -> None:
    """Stop where something is in it that make or an editor left in the checkout, or something is not."""
    with tarfile.open(tarball) as archive:
        members = archive.getmembers()
    folders = sorted(member.name for member in members if member.isdir() and "/" not in member.name)
    tests = sorted(member.name for member in members if member.name.startswith("tests/"))
    if (folders, tests) != (FOLDERS, TESTS):
        sys.exit(f"The package has the folders {folders} and of the tests {tests}, not {FOLDERS} and {TESTS}")


def run(command: str, *arguments: str) -> str:
    """Run one command of this environment, or one by its path, show its output and return it.

    It runs in the checkout; Python runs beside the tarball.
    """
    environment = {**tool_environment(), "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS)}
    # By it, Ansible would find the checkout.
    del environment["PYTHONPATH"]
    beside = command == "python"
    process = subprocess.run(
        [str(VENV_BIN / command), *arguments],
        cwd=WORK if beside else ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    print(process.stdout, end="", flush=True)
    if process.returncode:
        sys.exit(f"{command} {' '.join(arguments)} failed with status {process.returncode}")
    return process.stdout


if __name__ == "__main__":
    sys.exit(main())

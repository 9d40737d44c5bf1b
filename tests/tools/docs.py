# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later


"""Build the docs site in `.build/docs/html`: the guides as they are, the reference from the documentation in the code.

A warning of Sphinx, such as for a link that leads nowhere, fails the build.
"""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
import sys

from environment import BUILD, ROOT, VENV_BIN, locked, tool_environment

SOURCE = BUILD / "docs/source"
HTML = BUILD / "docs/html"
REPOSITORY = "https://github.com/oceanbase/ansible-collection-obshell"
# Pages that lie elsewhere than in docs/, by their name on the site.
PAGES = {
    "index": "docs/site/index.md",
    "conf": "docs/site/conf.py",
    "site": "docs/site/site.css",
    "README": "README.md",
    "README.zh-CN": "README.zh-CN.md",
    "CONTRIBUTING": "CONTRIBUTING.md",
    "SECURITY": "SECURITY.md",
    "CHANGELOG": "CHANGELOG.md",
}


def main() -> int:
    with locked("docs"):
        shutil.rmtree(BUILD / "docs", ignore_errors=True)
        gather()
        environment = tool_environment()
        reference = [str(VENV_BIN / "antsibull-docs"), "collection", "--use-current", "--squash-hierarchy"]
        target = SOURCE / "collection"
        target.mkdir()
        subprocess.run(
            [*reference, "--fail-on-error", "--dest-dir", str(target), "oceanbase.obshell"], env=environment, check=True
        )
        # It says that there are none, since it knows but those of plugins that are neither modules nor roles.
        (target / "environment_variables.rst").unlink()
        sphinx = [str(VENV_BIN / "sphinx-build"), "--quiet", "--fail-on-warning", "--keep-going", "-b", "html"]
        status = subprocess.run([*sphinx, str(SOURCE), str(HTML)], env=environment, check=False).returncode
    if status == 0:
        print(f"The docs site is in {os.path.relpath(HTML / 'index.html')}")
    return status


def gather() -> None:
    """Put the pages together in one folder, roles under their names."""
    SOURCE.mkdir(parents=True)
    pages = {name: ROOT / path for name, path in PAGES.items()}
    pages |= {path.stem: path for path in ROOT.glob("docs/*.md")}
    pages |= {path.parent.name: path for path in ROOT.glob("roles/*/README.md")}
    names = {path.relative_to(ROOT).as_posix(): name for name, path in pages.items()}
    for name, path in pages.items():
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".md":
            text = re.sub(rf"{re.escape(REPOSITORY)}/blob/main/([\w./-]+)", lambda link: on_site(link, names), text)
        (SOURCE / f"{name}{path.suffix}").write_text(text, encoding="utf-8")


def on_site(link: re.Match[str], names: dict[str, str]) -> str:
    """Where a link into the repository leads on the site; to the repository still, if to what the site has not."""
    path = pathlib.PurePath(link[1])
    if path.parent == pathlib.PurePath("plugins/modules"):
        return f"collection/{path.stem}_module.rst"
    return f"{names[link[1]]}.md" if link[1] in names else link[0]


if __name__ == "__main__":
    sys.exit(main())

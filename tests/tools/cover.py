# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run tests, measure what they run of `plugins/`, in whatever process, and fail where it is little.

Takes arguments of pytest. pyproject.toml says what is measured and how much it must be.
"""

from __future__ import annotations

import shutil
import subprocess
import sys

import coverage
from environment import BUILD, ROOT, locked

WORK = BUILD / "coverage"
COVERAGE = [sys.executable, "-m", "coverage"]
# The second are those that Ansible sends in an archive, which pyproject.toml maps to the first.
MEASURED = f"{ROOT}/plugins/*,*/ansible_collections/oceanbase/obshell/plugins/*"


def main() -> int:
    with locked("coverage"):
        shutil.rmtree(WORK, ignore_errors=True)
        WORK.mkdir()
        tests = subprocess.run(
            [*COVERAGE, "run", f"--include={MEASURED}", "-m", "pytest", *sys.argv[1:]], cwd=ROOT, check=False
        )
        subprocess.run([*COVERAGE, "combine", "--quiet"], cwd=ROOT, check=True)
        report = subprocess.run([*COVERAGE, "report"], cwd=ROOT, check=False)
        unseen = never_loaded()
    if unseen:
        print("No test loads these: " + " ".join(unseen))
    return tests.returncode or report.returncode or bool(unseen)


def never_loaded() -> list[str]:
    """The files that no process has loaded, which the report does not know of; fragments are documentation only."""
    data = coverage.CoverageData(str(WORK / "data"))
    data.read()
    files = {path for path in ROOT.glob("plugins/*/*.py") if path.parent.name != "doc_fragments"}
    return sorted({str(path.relative_to(ROOT)) for path in files} - data.measured_files())


if __name__ == "__main__":
    sys.exit(main())

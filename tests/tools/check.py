# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run sessions of nox, and count what passed and failed: the last line reads "N passed, N failed".

Takes the arguments of nox. The sessions of `--tags` run at the same time, one more than there are processors, since
many of them wait for simulated agents; they show their output only if they fail. Each test of pytest counts as one,
each other session counts as one. A skip for a reason that EXPECTED_SKIPS does not list counts as a failure.
"""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import types
from xml.etree import ElementTree

from environment import ROOT

# The only reasons for which a test may be skipped: what a machine lacks.
EXPECTED_SKIPS = {"OpenSSH's client is not installed"}


def main() -> int:
    arguments = sys.argv[1:]
    parallel = ["--parallel", str((os.cpu_count() or 1) + 1)] if "--tags" in arguments else []
    # What a session that was stopped leaves in the temporary folder goes with it.
    with tempfile.TemporaryDirectory(prefix="obshell-", ignore_cleanup_errors=True) as folder:
        reports = pathlib.Path(folder)
        environment = {name: value for name, value in os.environ.items() if not name.startswith("NOX")}
        environment.update(TMPDIR=folder, NOX_REPORTS=folder)
        command = [sys.executable, "-m", "nox", "--report", str(reports / "nox.json"), *parallel, *arguments]
        # In a session of its own, since the terminal's Ctrl-C would reach nox a second time.
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)

        stopped: list[int] = []

        def stop(number: int, _frame: types.FrameType | None) -> None:
            stopped.append(number)
            process.send_signal(signal.SIGINT)

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        status = process.wait()
        if stopped:
            return 128 + stopped[0]
        passed, failed = count(reports)
    failed = failed or int(status != 0)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def count(reports: pathlib.Path) -> tuple[int, int]:
    """Read what nox and the pytest of each session report, print the counts of each session, and add them up."""
    total = [0, 0]
    nox = reports / "nox.json"
    for session in json.loads(nox.read_text(encoding="utf-8"))["sessions"] if nox.is_file() else []:
        name = session["signatures"][0]
        succeeded = session["result"] == "success"
        junit = reports / f"{name}.xml"
        passed, failed, skips = count_tests(junit) if junit.is_file() else (int(succeeded), 0, [])
        # A session can fail with no failed test, for example if there are no tests.
        failed = failed or int(not succeeded)
        print(f"{name}: {passed} passed, {failed} failed", *skips, sep="\n  ")
        total[0] += passed
        total[1] += failed
    return total[0], total[1]


def count_tests(junit: pathlib.Path) -> tuple[int, int, list[str]]:
    """Read how many tests passed and failed, and which were skipped."""
    passed = failed = 0
    skips: list[str] = []
    for case in ElementTree.parse(junit).iter("testcase"):
        skip = case.find("skipped")
        if skip is not None:
            expected = skip.attrib["message"] in EXPECTED_SKIPS
            failed += not expected
            name = f"{case.attrib['classname']}.{case.attrib['name']}"
            skips.append(f"{'' if expected else 'not expected: '}{name} skipped: {skip.attrib['message']}")
        elif case.find("failure") is None and case.find("error") is None:
            passed += 1
        else:
            failed += 1
    return passed, failed, skips


if __name__ == "__main__":
    sys.exit(main())

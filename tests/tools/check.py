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
    """Read what nox and the pytest of each session report; print the counts of each."""
    passed = failed = 0
    nox = reports / "nox.json"
    for session in json.loads(nox.read_text(encoding="utf-8"))["sessions"] if nox.is_file() else []:
        (name,) = session["signatures"][:1] or [session["name"]]
        succeeded = session["result"] == "success"
        junit = reports / f"{name}.xml"
        counts, unexpected = count_tests(junit) if junit.is_file() else ((int(succeeded), 0, 0), [])
        # A session that failed with no failed test counts as a failure.
        counts = (counts[0], counts[1] or int(not succeeded), counts[2])
        print(f"{name}: {counts[0]} passed, {counts[1]} failed" + (f", {counts[2]} skipped" if counts[2] else ""))
        print("".join(f"  This skip was not expected: {skip}\n" for skip in unexpected), end="")
        passed, failed = passed + counts[0], failed + counts[1]
    return passed, failed


def count_tests(junit: pathlib.Path) -> tuple[tuple[int, int, int], list[str]]:
    """Read how many tests passed, failed, and were skipped as expected; and which others were skipped, and why."""
    tests = failed = skipped = 0
    unexpected: list[str] = []
    root = ElementTree.parse(junit)
    for suite in root.iter("testsuite"):
        tests += int(suite.attrib["tests"])
        failed += int(suite.attrib["failures"]) + int(suite.attrib["errors"])
    for case in root.iter("testcase"):
        for skip in case.iter("skipped"):
            if skip.attrib["message"] in EXPECTED_SKIPS:
                skipped += 1
            else:
                unexpected.append(f"{case.attrib['classname']}.{case.attrib['name']}: {skip.attrib['message']}")
    return (tests - failed - skipped - len(unexpected), failed + len(unexpected), skipped), unexpected


if __name__ == "__main__":
    sys.exit(main())

# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What `check.py` counts of a run of pytest, what it ends, and what it leaves behind where it is stopped."""

from __future__ import annotations

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import typing as t

import check
import pytest
from check import EXPECTED_SKIPS, Result, count_tests

# Not tests of this file: another pytest runs these texts, and what it says of their skips is counted.
PASSES = "def test_passes(): ..."
FAILS = "def test_fails(): assert False"
SKIPPED = "@pytest.mark.skip(reason={!r})\ndef test_skipped(): ..."
EXPECTED = SKIPPED.format(*EXPECTED_SKIPS)
UNEXPECTED = {
    "mark": SKIPPED.format("not today"),
    "call": "def test_skips(): pytest.skip('not today')",
    "xfail": "@pytest.mark.xfail\ndef test_known(): assert False",
    "module": "pytest.importorskip('no_such_module')",
}


def count(folder: pathlib.Path, *tests: str) -> Result:
    file, report = folder / "test_it.py", folder / "junit.xml"
    file.write_text("\n".join(["import pytest", *tests]), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-c", "/dev/null", "-p", "no:cacheprovider", f"--junit-xml={report}"]
    done = subprocess.run([*command, str(file)], capture_output=True, text=True, check=False)
    return count_tests("unit", done.stdout, 1.0, report, done.returncode == 0)


def test_what_is_expected_is_counted_and_fails_nothing(tmp_path: pathlib.Path) -> None:
    result = count(tmp_path, PASSES, EXPECTED)
    assert (result.passed, result.failed, result.skipped) == (1, 0, 1)


@pytest.mark.parametrize("tests", UNEXPECTED.values(), ids=UNEXPECTED)
def test_any_other_skip_fails_by_its_name(tmp_path: pathlib.Path, tests: str) -> None:
    result = count(tmp_path, PASSES, tests)
    assert (result.failed, result.skipped) == (1, 0)
    assert "not expected:\n" in result.output and "test_it" in result.output.partition("not expected:")[2]


def test_a_failure_and_a_skip_are_two(tmp_path: pathlib.Path) -> None:
    result = count(tmp_path, PASSES, FAILS, UNEXPECTED["mark"])
    assert (result.passed, result.failed, result.skipped) == (1, 2, 0)


def run(code: str) -> tuple[bool, str]:
    with tempfile.TemporaryFile(mode="w+", encoding="utf-8") as output:
        command = [sys.executable, "-c", code]
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        succeeded = check.wait_and_end(process, output.fileno())
        output.seek(0)
        return succeeded, output.read()


def test_a_step_that_falls_silent_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "LOOK", 0.01)
    monkeypatch.setattr(check, "SILENCE", 0)
    succeeded, output = run("import threading; print(1, flush=True); threading.Event().wait()")
    assert not succeeded and "printed nothing" in output


def test_a_step_that_ends_is_judged_by_its_status() -> None:
    assert run("print(1)") == (True, "1\n")
    assert run("print(1); raise SystemExit(1)") == (False, "1\n")


# Steps that write their process ID, and last longer than anybody waits; there is one more than run at a time.
STOPPED = """
import check, os, sys
last = "import os, pathlib, sys, time; pathlib.Path(sys.argv[1]).write_text(str(os.getpid())); time.sleep(120)"
names = [f"step-{number}" for number in range((os.cpu_count() or 1) + 2)]
check.STEPS = {name: [sys.executable, "-c", last, os.path.join(sys.argv[1], name)] for name in names}
sys.argv[1:] = names
sys.exit(check.main())
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_stops_it_stops_its_steps(tmp_path: pathlib.Path, number: signal.Signals) -> None:
    at_once = (os.cpu_count() or 1) + 1
    with subprocess.Popen([sys.executable, "-c", STOPPED, str(tmp_path)], cwd=pathlib.Path(__file__).parent) as check:
        try:
            assert wait_for(lambda: len([file for file in tmp_path.iterdir() if file.stat().st_size]) == at_once)
            check.send_signal(number)
            assert check.wait(timeout=30) == 128 + number
        finally:
            check.kill()
    steps = [int(file.read_text()) for file in tmp_path.iterdir()]
    assert len(steps) == at_once
    for step in steps:
        with pytest.raises(ProcessLookupError):
            os.kill(step, 0)


def wait_for(condition: t.Callable[[], t.Any]) -> t.Any:
    end = time.monotonic() + 30
    while not (value := condition()) and time.monotonic() < end:
        time.sleep(0.05)
    return value

# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What `check.py` counts, and what it ends if it is stopped. Each test has a noxfile of its own."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import time
import typing as t

import check
import pytest

# Not tests of this file: another pytest runs these texts.
PASSES = "def test_passes(): ..."
FAILS = "def test_fails(): assert False"
SKIPPED = "@pytest.mark.skip(reason={!r})\ndef test_skipped(): ..."
EXPECTED = SKIPPED.format(*check.EXPECTED_SKIPS)
UNEXPECTED = {
    "mark": SKIPPED.format("not today"),
    "xfail": "@pytest.mark.xfail\ndef test_known(): assert False",
    "module": "pytest.importorskip('no_such_module')",
}
SESSIONS = """
import nox, os, sys
nox.options.allow_parallel = True

@nox.session(venv_backend="none", tags=["all"])
def tests(session):
    report = f"--junit-xml={os.environ['NOX_REPORTS']}/{session.name}.xml"
    session.run(sys.executable, "-m", "pytest", "-c", "/dev/null", "-p", "no:cacheprovider", report, "test_it.py")

@nox.session(venv_backend="none", tags=["all"])
@nox.parametrize("status", [0, 1, 2])
def check(session, status):
    session.run(sys.executable, "-c", f"raise SystemExit({status})")

@nox.session(python="3.0", tags=["all"])
def missing(session): ...

@nox.session(venv_backend="none", tags=["stop"])
@nox.parametrize("number", range((os.cpu_count() or 1) + 2))
def lasts(session, number):
    write = f"import os, time; open('started-{number}', 'w').write(str(os.getpid())); time.sleep(120)"
    session.run(sys.executable, "-c", write)
"""


def start(folder: pathlib.Path, *arguments: str, tests: str = PASSES) -> subprocess.Popen[str]:
    (folder / "noxfile.py").write_text(SESSIONS, encoding="utf-8")
    (folder / "test_it.py").write_text(f"import pytest\n{tests}", encoding="utf-8")
    command = [sys.executable, check.__file__, "--noxfile", str(folder / "noxfile.py"), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.parametrize(
    ("arguments", "tests", "last_line"),
    [
        # Two sessions fail by their status, and one since its Python is missing.
        (["--tags", "all"], [PASSES, FAILS, EXPECTED], "2 passed, 4 failed"),
        (["--session", "tests"], [PASSES, EXPECTED], "1 passed, 0 failed"),
        (["--session", "nothing"], [PASSES], "0 passed, 1 failed"),
        *((["--session", "tests"], [tests], "0 passed, 1 failed") for tests in UNEXPECTED.values()),
    ],
    ids=["all", "expected", "nothing", *UNEXPECTED],
)
def test_each_test_and_each_other_session_counts_as_one(
    tmp_path: pathlib.Path, arguments: list[str], tests: list[str], last_line: str
) -> None:
    with start(tmp_path, *arguments, tests="\n".join(tests)) as process:
        lines = process.communicate(timeout=120)[0].splitlines()
    assert (lines[-1], process.returncode) == (last_line, 0 if "0 failed" in last_line else 1)
    named = any("not expected: " in line and "test_it" in line for line in lines)
    assert named == (tests[0] in UNEXPECTED.values())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_stops_it_stops_its_sessions(tmp_path: pathlib.Path, number: signal.Signals) -> None:
    at_once = (os.cpu_count() or 1) + 1
    with start(tmp_path, "--tags", "stop") as process:
        wait_until(lambda: len(started(tmp_path)) == at_once)
        process.send_signal(number)
        output = process.communicate(timeout=60)[0]
    assert process.returncode == 128 + number, output
    assert len(started(tmp_path)) == at_once
    wait_until(lambda: not any(is_running(process) for process in started(tmp_path)))


def started(folder: pathlib.Path) -> list[int]:
    return [int(text) for file in folder.glob("started-*") if (text := file.read_text(encoding="utf-8"))]


def is_running(process: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, 0)
        return True
    return False


def wait_until(condition: t.Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)

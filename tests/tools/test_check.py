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
    "call": "def test_skips(): pytest.skip('not today')",
    "xfail": "@pytest.mark.xfail\ndef test_known(): assert False",
    "module": "pytest.importorskip('no_such_module')",
}
SESSIONS = """
import nox, os, sys, time
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


def last_line(folder: pathlib.Path, *arguments: str, tests: str = PASSES) -> tuple[str, int, str]:
    with start(folder, *arguments, tests=tests) as process:
        output = process.communicate(timeout=120)[0]
    return output.splitlines()[-1], process.returncode, output


def test_each_test_and_each_other_session_counts_as_one(tmp_path: pathlib.Path) -> None:
    """Three sessions fail: two by their status, and one since its Python is missing."""
    assert last_line(tmp_path, "--tags", "all", tests=f"{PASSES}\n{FAILS}\n{EXPECTED}")[:2] == ("2 passed, 4 failed", 1)


def test_what_is_expected_fails_nothing(tmp_path: pathlib.Path) -> None:
    assert last_line(tmp_path, "--session", "tests", tests=f"{PASSES}\n{EXPECTED}")[:2] == ("1 passed, 0 failed", 0)


def test_a_session_that_does_not_exist_is_a_failure(tmp_path: pathlib.Path) -> None:
    assert last_line(tmp_path, "--session", "nothing")[:2] == ("0 passed, 1 failed", 1)


@pytest.mark.parametrize("tests", UNEXPECTED.values(), ids=UNEXPECTED)
def test_any_other_skip_fails_by_its_name(tmp_path: pathlib.Path, tests: str) -> None:
    line, status, output = last_line(tmp_path, "--session", "tests", tests=tests)
    assert (line, status) == ("0 passed, 1 failed", 1)
    assert "not expected: " in output and "test_it" in output.partition("not expected:")[2]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_stops_it_stops_its_sessions(tmp_path: pathlib.Path, number: signal.Signals) -> None:
    at_once = (os.cpu_count() or 1) + 1
    with start(tmp_path, "--tags", "stop") as process:
        wait_until(lambda: len(started(tmp_path)) == at_once)
        process.send_signal(number)
        output = process.communicate(timeout=60)[0]
    assert process.returncode == 128 + number, output
    assert len(started(tmp_path)) == at_once
    wait_until(lambda: not any(is_running(int(process)) for process in started(tmp_path)))


def started(folder: pathlib.Path) -> list[str]:
    return [text for file in folder.glob("started-*") if (text := file.read_text(encoding="utf-8"))]


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

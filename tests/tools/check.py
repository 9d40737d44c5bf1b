# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the tests and checks, one more at a time than there are processors, and count what passed and failed.

Many of them wait for simulated agents most of the time.

One step shows its output as it comes; several show it only if they fail. The last line reads "N passed, N failed":
each test of pytest counts as one, each other check counts as one. A skip for a reason that EXPECTED_SKIPS does not list
counts as a failure.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import contextlib
import dataclasses
import os
import pathlib
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
import types
import typing as t
from importlib import metadata
from xml.etree import ElementTree

from cores import CORES, COVERED, folder_of
from environment import BUILD, ROOT, VENV_BIN, tool_environment

COLLECTION = ".build/ansible_collections/oceanbase/obshell"
PYTHON = str(VENV_BIN / "python")
TYPED = (
    "plugins",
    "tests/unit",
    "tests/faults",
    "tests/simulator",
    "tests/integration",
    "tests/external",
    "tests/benchmark",
)
PYTEST = ["-m", "pytest", "--quiet", "--numprocesses", str(min(os.cpu_count() or 1, 4))]
COVER = ["tests/tools/cover.py"]
ANSIBLE_TEST = ["tests/tools/ansible_test.py"]
# The longest first, so that none runs on alone at the end. No step changes the checkout.
STEPS = {
    "sanity": [PYTHON, *ANSIBLE_TEST, "sanity", "--local"],
    # One process more: they wait for agents, and it is the last to end.
    "integration": [PYTHON, *PYTEST[:-1], str(int(PYTEST[-1]) + 1), "-m", "not slow", "tests/integration"],
    "faults": [PYTHON, *PYTEST, "-m", "not slow", "tests/faults"],
    "unit": [PYTHON, *PYTEST, "tests/unit", "tests/simulator", "tests/tools"],
    "ansible-lint": [str(VENV_BIN / "ansible-lint"), "--offline", "--nocolor"],
    "types": [PYTHON, "-m", "mypy", *(f"{COLLECTION}/{folder}" for folder in TYPED)],
    # A cache of its own, since both may run at once.
    "types-tools": [PYTHON, "-m", "mypy", "--cache-dir", ".build/cache/mypy-tools", "tests/tools", "tests/demo"],
    "bandit": [str(VENV_BIN / "bandit"), "--quiet", "--recursive", "plugins"],
    "audit": [PYTHON, "tests/tools/audit.py"],
    "yamllint": [str(VENV_BIN / "yamllint"), "--strict", "."],
    "ruff-check": [str(VENV_BIN / "ruff"), "check"],
    "ruff-format": [str(VENV_BIN / "ruff"), "format", "--check"],
}
QUICK = list(STEPS)
STEPS["docs"] = [PYTHON, "tests/tools/docs.py"]
SUITES = ("tests/unit", "tests/faults", "tests/integration")
# The suite takes long, and the targets show on each core whatever a module or a role does: on the newest all tests run,
# and on the oldest the short ones that have to do with Ansible.
STEPS[f"pytest-{max(CORES)}"] = [str(folder_of(max(CORES)) / "bin/python"), *PYTEST, *SUITES[1:]]
STEPS[f"pytest-{min(CORES)}"] = [str(folder_of(min(CORES)) / "bin/python"), *PYTEST, "-m", "not slow", SUITES[2]]
# What plays guides and roles runs nothing of the plugins that the others do not, and takes long.
REPEATING = (
    *("guides", "cluster_guides", "demo", "every_example_runs", "pipelines", "simulator_page", "readme", "ways_to_run"),
    *("recover_init", "init_cluster", "processes", "secrets"),
)
COVERING = ["-m", "not slow", *(f"--ignore-glob=*/test_{name}.py" for name in REPEATING)]
STEPS["coverage"] = [str(folder_of(COVERED) / "bin/python"), *COVER, *PYTEST[2:], *COVERING, *SUITES]
for core, python in CORES.items():
    core_python = str(folder_of(core) / "bin/python")
    STEPS[f"targets-{core}"] = [core_python, *ANSIBLE_TEST, "integration", "--local", "--python", python]
    STEPS[f"sanity-{core}"] = [core_python, *ANSIBLE_TEST, "sanity", "--local"]
    # The newest tries all Pythons of hosts.
    pythons = [] if core == max(CORES) else ["--python", python]
    STEPS[f"units-{core}"] = [core_python, *ANSIBLE_TEST, "units", "--venv", *pythons]
STEPS["package"] = [str(BUILD / "package/bin/python"), "tests/tools/package.py"]
STEPS["molecule"] = [str(BUILD / "ways/bin/molecule"), "test", "--all"]
STEPS["external"] = [str(BUILD / "ways/bin/python"), *PYTEST, "tests/external"]
STEPS["nox"] = [str(BUILD / "nox/bin/nox"), "--no-venv"]
GROUPS = {
    "all": QUICK,
    "matrix": [name for name in STEPS if name not in [*QUICK, "docs"]],
    "lint": ["ansible-lint", "bandit", "audit", "yamllint", "ruff-check", "ruff-format"],
    "types": ["types", "types-tools"],
}
# The only reasons for which a test may be skipped: what a machine lacks.
EXPECTED_SKIPS = {"OpenSSH's client is not installed"}
# Seconds for which a step has printed nothing when it is taken to hang, and is ended: how long all of it takes is up to
# the machine.
SILENCE = 1800
LOOK = 1
# Seconds until a step that was asked to stop is ended.
STOP_TIMEOUT = 10

# The steps that run, in sessions of their own: who stops this program reaches them only by it.
running: set[int] = set()
beginning = threading.Lock()
stopped = threading.Event()


@dataclasses.dataclass(frozen=True)
class Result:
    """What one step came to; `seconds` it took, and the count of what passed, failed and was skipped in it."""

    name: str
    output: str
    seconds: float
    passed: int
    failed: int
    skipped: int = 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    choices = [*GROUPS, *(name for name in STEPS if name not in GROUPS)]
    parser.add_argument("step", nargs="+", choices=choices, metavar="step", help=", ".join(choices))
    parser.add_argument("--args", default="", help="more arguments for the step's command, in one string")
    arguments = parser.parse_args()
    names = list(dict.fromkeys(name for step in arguments.step for name in GROUPS.get(step, [step])))
    if "sanity" in names:
        # It runs with the ansible-core of `.venv`.
        core = metadata.version("ansible-core").rpartition(".")[0]
        names = [name for name in names if name != f"sanity-{core}"]
    more = shlex.split(arguments.args)

    results = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    with concurrent.futures.ThreadPoolExecutor(max_workers=(os.cpu_count() or 1) + 1) as pool:
        jobs = [pool.submit(run_step, name, more, len(names) == 1) for name in names]
        for future in concurrent.futures.as_completed(jobs):
            results.append(future.result())
            report(results[-1])
    passed, failed = sum(result.passed for result in results), sum(result.failed for result in results)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def stop(number: int, _frame: types.FrameType | None) -> None:
    """End the steps that run, begin no other, and end this program as one that the signal ended."""
    for again in (signal.SIGINT, signal.SIGTERM):
        signal.signal(again, signal.SIG_IGN)
    stopped.set()
    with beginning:
        signal_steps(signal.SIGINT)
    end = time.monotonic() + STOP_TIMEOUT
    while running and time.monotonic() < end:
        time.sleep(0.05)
    signal_steps(signal.SIGKILL)
    sys.exit(128 + number)


def signal_steps(number: signal.Signals) -> None:
    for process in list(running):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process, number)


def run_step(name: str, more: list[str], shown: bool) -> Result:
    """Run one step in a session of its own, so that nothing that it started outlives it."""
    with tempfile.TemporaryDirectory(prefix="obshell-", ignore_cleanup_errors=True) as folder:
        report_file = pathlib.Path(folder) / "junit.xml"
        is_pytest = STEPS[name][1:3] == PYTEST[:2] or STEPS[name][1:2] == COVER
        # By itself each pytest tidies up in the folder of all others that run.
        own = [f"--junit-xml={report_file}", f"--basetemp={folder}/t"] if is_pytest else []
        command = [*STEPS[name], *more, *own]
        # ansible-test installs packages, by the caller's settings of pip; its step clears the environment itself.
        environment = dict(os.environ) if STEPS[name][1:2] == ANSIBLE_TEST else tool_environment()
        # The tool's own environment goes before `.venv`, for what the tool starts.
        environment["PATH"] = os.pathsep.join([os.path.dirname(command[0]), environment["PATH"]])
        begin = time.monotonic()
        with tempfile.TemporaryFile(mode="w+", encoding="utf-8", errors="replace") as output:
            with beginning:
                if stopped.is_set():
                    raise InterruptedError(f"{name} is not begun")
                process = subprocess.Popen(
                    command,
                    cwd=ROOT,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=None if shown else output,
                    stderr=None if shown else subprocess.STDOUT,
                    start_new_session=True,
                )
                running.add(process.pid)
            succeeded = wait_and_end(process, None if shown else output.fileno())
            output.seek(0)
            text = output.read()
        seconds = time.monotonic() - begin
        if is_pytest:
            return count_tests(name, text, seconds, report_file, succeeded)
        return Result(name, text, seconds, passed=int(succeeded), failed=int(not succeeded))


def wait_and_end(process: subprocess.Popen[bytes], output: int | None) -> bool:
    """Wait for a step while it prints to `output`, end what is left of it, and tell whether it succeeded.

    Without `output` somebody sees what it prints, and whether it hangs.
    """
    printed, since = 0, time.monotonic()
    try:
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return process.wait(timeout=LOOK) == 0
            size = os.fstat(output).st_size if output is not None else printed + 1
            if size != printed:
                printed, since = size, time.monotonic()
            elif time.monotonic() - since > SILENCE:
                os.write(t.cast("int", output), f"\nThis printed nothing for {SILENCE} s, and was ended.\n".encode())
                return False
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        running.discard(process.pid)


def count_tests(name: str, output: str, seconds: float, report_file: pathlib.Path, succeeded: bool) -> Result:
    """Read the counts of a pytest run; one that failed with no failed test (none collected) counts as a failure."""
    tests = failed = 0
    skipped: list[str] = []
    unexpected: list[str] = []
    if report_file.is_file():
        root = ElementTree.parse(report_file)
        for suite in root.iter("testsuite"):
            tests += int(suite.attrib["tests"])
            failed += int(suite.attrib["failures"]) + int(suite.attrib["errors"])
        for case in root.iter("testcase"):
            for skip in case.iter("skipped"):
                reason = skip.attrib["message"]
                which = skipped if reason in EXPECTED_SKIPS else unexpected
                which.append(f"{case.attrib['classname']}.{case.attrib['name']}: {reason}")
    if unexpected:
        output = "\n".join([output, "These skips were not expected:", *unexpected])
    passed = tests - failed - len(skipped) - len(unexpected)
    failed += len(unexpected)
    return Result(name, output, seconds, passed, failed or int(not succeeded), len(skipped))


def report(result: Result) -> None:
    """Print one line for a step, and all that it printed if it failed."""
    if result.failed and result.output:
        print(f"\n---- {result.name} ----\n{result.output.rstrip()}\n")
    outcome = "FAILED" if result.failed else "ok"
    skipped = f", {result.skipped} skipped" if result.skipped else ""
    counts = f"{result.passed} passed, {result.failed} failed{skipped}"
    print(f"{outcome:6}  {result.name:13}  {result.seconds:6.1f} s  {counts}", flush=True)


if __name__ == "__main__":
    sys.exit(main())

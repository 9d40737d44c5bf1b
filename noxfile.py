# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tests, checks and builds behind `make`, each a session: `.venv/bin/nox --list` shows them.

The tag "test" is `make test`, and "matrix" is `make test-all`. The longest sessions come first, so that none of them
runs alone at the end.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import typing as t

import antsibull_nox
import nox

sys.path.insert(0, "tests/tools")

from environment import BUILD, VENV_BIN, install_environment, tool_environment

# Each supported ansible-core, and a Python that it runs on.
CORES = {"2.17": "3.11", "2.18": "3.11", "2.19": "3.12", "2.20": "3.12", "2.21": "3.13"}
OLDEST, COVERED, NEWEST = "2.17", "2.19", "2.21"
# The one in .venv.
CORE = importlib.metadata.version("ansible-core").rpartition(".")[0]
COLLECTION = BUILD / "ansible_collections/oceanbase/obshell"
PROCESSES = min(os.cpu_count() or 1, 4)
# Without the tests that search all cases.
QUICK = ["-m", "not slow"]
# Tests that play guides and roles take long, and run no line of the plugins that the others do not run.
NOT_COVERING = (
    *("guides", "cluster_guides", "demo", "every_example_runs", "pipelines", "simulator_page", "readme", "ways_to_run"),
    *("recover_init", "init_cluster", "processes", "secrets"),
)
Part = str | os.PathLike[str]

nox.needs_version = ">=2026.8"
nox.options.allow_parallel = True
nox.options.envdir = ".build/nox"
nox.options.error_on_missing_interpreters = True
nox.options.reuse_venv = "yes"
nox.options.tags = ["test"]
os.environ.update(install_environment())
# A signal that stops nox stops its sessions, also if a shell in the background ignores Ctrl-C.
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.default_int_handler)

# What antsibull-nox checks, as antsibull-nox.toml says.
antsibull_nox.load_antsibull_nox_toml()
for name in ("yamllint", "antsibull-nox-config", "license-check", "extra-checks"):
    nox.registry.get()[name].tags.append("matrix")


def install(session: nox.Session, *files: str, core: str = "") -> None:
    """Install files of tests/requirements, and a version of ansible-core, into the environment of a session."""
    packages = [f"ansible-core=={core}.*"] if core else []
    session.install(*packages, *(f"--requirement=tests/requirements/{file}.txt" for file in files))


def run(
    session: nox.Session, command: Part, *arguments: Part, env: t.Mapping[str, str] = {}, silent: bool = False
) -> t.Any:
    """Run a command of the session's environment or of .venv, with no settings of the caller's.

    Beside other sessions it prints only if it fails.
    """
    folder = pathlib.Path(session.bin if session.bin_paths else VENV_BIN)
    return session.run(
        folder / command,
        *arguments,
        env={**tool_environment(folder), **env},
        include_outer_env=False,
        external=True,
        silent=silent or session.parallel,
    )


def pytest(session: nox.Session, *arguments: Part, python: Part = "python", more: int = 0, **env: str) -> None:
    """Run tests, in as many processes as there are processors, or some more; check.py counts them."""
    reports = os.environ.get("NOX_REPORTS")
    report = [f"--junit-xml={reports}/{session.name}.xml"] if reports else []
    # No setting for an agent that somebody uses may reach a test: with these, each of them would fail.
    env |= {"OBSHELL_SOCKET": "/nowhere", "OBSHELL_USE_TLS": "true"}
    with tempfile.TemporaryDirectory(prefix="o") as folder:
        # By itself each pytest would tidy up the folders of the others.
        options = ["--quiet", f"--numprocesses={PROCESSES + more}", f"--basetemp={folder}/t", *report]
        run(session, python, "-m", "pytest", *options, *arguments, *session.posargs, env=env)


def ansible_test(session: nox.Session, *arguments: str) -> None:
    """Run ansible-test, which gets the caller's settings of pip."""
    python = str(pathlib.Path(session.bin if session.bin_paths else VENV_BIN) / "python")
    command = [python, "tests/tools/ansible_test.py", *arguments, *session.posargs]
    session.run(*command, external=True, silent=session.parallel)


# ---- make test: in .venv


@nox.session(venv_backend="none", tags=["test", "matrix"])
def sanity(session: nox.Session) -> None:
    """ansible-test sanity"""
    ansible_test(session, "sanity", "--local")


@nox.session(venv_backend="none", tags=["test"])
def integration(session: nox.Session) -> None:
    """Ansible itself against the simulator"""
    # They wait for agents, and are the last to end.
    pytest(session, *QUICK, "tests/integration", more=1)


@nox.session(venv_backend="none", tags=["test"])
def faults(session: nox.Session) -> None:
    """A connection that breaks between collection and simulator"""
    pytest(session, *QUICK, "tests/faults")


@nox.session(venv_backend="none", tags=["test"])
def unit(session: nox.Session) -> None:
    """The unit tests, and those of the simulator and the tools"""
    pytest(session, "tests/unit", "tests/simulator", "tests/tools")


@nox.session(venv_backend="none", tags=["test", "lint"])
@nox.parametrize(
    "command",
    [
        nox.param(["ansible-lint", "--offline", "--nocolor"], id="ansible-lint"),
        nox.param(["bandit", "--quiet", "--recursive", "plugins"], id="bandit"),
        nox.param(["yamllint", "--strict", "."], id="yamllint"),
        nox.param(["antsibull-changelog", "lint"], id="changelog"),
        nox.param(["ruff", "check"], id="ruff-check"),
        nox.param(["ruff", "format", "--check"], id="ruff-format"),
    ],
)
def style(session: nox.Session, command: list[str]) -> None:
    """One linter"""
    run(session, *command)


@nox.session(venv_backend="none", tags=["test", "types"])
@nox.parametrize("part", ["collection", "tools"], ids=["collection", "tools"])
def types(session: nox.Session, part: str) -> None:
    """mypy; each part has a cache of its own, since both may run at the same time"""
    paths = [pathlib.Path(path) for path in ("tests/tools", "tests/demo", "noxfile.py")]
    if part == "collection":
        tests = {path.parent for path in COLLECTION.glob("tests/*/*.py") if path.parent.name not in ("demo", "tools")}
        paths = [COLLECTION / "plugins", *sorted(tests), COLLECTION / "tests/unit"]
    run(session, "mypy", "--cache-dir", BUILD / f"cache/mypy-{part}", *paths)


# ---- make docs, make bench


@nox.session(tags=["docs"])
def docs(session: nox.Session) -> None:
    """The docs site, in .build/docs/html: docs/site/conf.py says of which pages; any warning fails"""
    install(session, "docs")
    shutil.rmtree(BUILD / "docs", ignore_errors=True)
    source, html = BUILD / "docs/source", BUILD / "docs/html"
    (source / "collection").mkdir(parents=True)
    reference = ["collection", "--use-current", "--squash-hierarchy", "--fail-on-error"]
    run(session, "antsibull-docs", *reference, "--dest-dir", source / "collection", "oceanbase.obshell")
    # It says that there are no variables, since it leaves out those of modules and roles.
    (source / "collection/environment_variables.rst").unlink()
    run(session, "sphinx-build", "--quiet", "--fail-on-warning", "--keep-going", "-c", "docs/site", source, html)
    session.log("The docs site is in .build/docs/html/index.html")


@nox.session()
def bench(session: nox.Session) -> None:
    """Measure, against Ansible's own modules and the official SDK, which is in the session's environment"""
    install(session, "bench")
    module = "ansible_collections.oceanbase.obshell.tests.benchmark"
    run(session, VENV_BIN / "python", "-m", module, *session.posargs)


@nox.session()
def audit(session: nox.Session) -> None:
    """Look up the known vulnerabilities of what users run, which asks a service; CI does it once a week"""
    install(session, "audit")
    # With the caller's settings, as pip: it uses the network.
    session.run("pip-audit", "--cache-dir", ".build/cache/pip-audit", "--requirement", "tests/requirements/demo.txt")


# ---- make test-all: the long tests on the newest ansible-core, and what has to do with Ansible on the others


def on_cores(*cores: str) -> t.Callable[..., t.Any]:
    """Make a session of the matrix for each of these versions of ansible-core."""
    each = nox.parametrize(["python", "core"], [nox.param(CORES[core], core, id=core) for core in cores])
    return lambda function: nox.session(name=function.__name__.replace("_", "-"), tags=["matrix"])(each(function))


@on_cores(NEWEST, OLDEST)
def core_tests(session: nox.Session, core: str) -> None:
    """The tests that start Ansible, on the newest ansible-core all of them"""
    install(session, "pytest", core=core)
    pytest(session, *(["tests/faults"] if core == NEWEST else QUICK), "tests/integration")


@on_cores(COVERED)
def coverage(session: nox.Session, core: str) -> None:
    """What tests run of plugins/, in whatever process; pyproject.toml says how much it must be"""
    install(session, "pytest", "coverage", core=core)
    ignored = [f"--ignore-glob=*/test_{name}.py" for name in NOT_COVERING]
    pytest(session, "--cov", *QUICK, *ignored, "tests/unit", "tests/faults", "tests/integration")
    report = BUILD / "coverage/report.json"
    run(session, "coverage", "json", "--quiet", "-o", report)
    # What no process has loaded is not in the report. Fragments are documentation only.
    files = {str(path) for path in pathlib.Path("plugins").rglob("*.py") if path.parent.name != "doc_fragments"}
    if unseen := files - json.loads(report.read_text(encoding="utf-8"))["files"].keys():
        session.error("No test loads these: " + " ".join(sorted(unseen)))


@on_cores(*CORES)
def targets(session: nox.Session, core: str) -> None:
    """ansible-test integration: each module and role"""
    install(session, "plugins", "simulator", core=core)
    ansible_test(session, "integration", "--local", "--python", CORES[core])


@on_cores(*(core for core in CORES if core != CORE))
def core_sanity(session: nox.Session, core: str) -> None:
    """ansible-test sanity, where .venv has another ansible-core"""
    install(session, core=core)
    ansible_test(session, "sanity", "--local")


@on_cores(*CORES)
def core_units(session: nox.Session, core: str) -> None:
    """ansible-test units; the newest ansible-core tries all Pythons of hosts"""
    install(session, core=core)
    ansible_test(session, "units", "--venv", *([] if core == NEWEST else ["--python", CORES[core]]))


@nox.session(tags=["matrix"])
def external(session: nox.Session) -> None:
    """Ways to run the collection that need more packages, and molecule"""
    install(session, "demo", "pytest", "ways")
    pytest(session, "tests/external")


@nox.session(tags=["matrix"])
def installed(session: nox.Session) -> None:
    """Build and install the collection beside what the README asks for, and use it there"""
    install(session, "plugins", core=CORE)
    pytest(session, "tests/package", python=VENV_BIN / "python", USER_BIN=session.bin)


@nox.session(tags=["matrix"])
def package(session: nox.Session) -> None:
    """Build the collection, and check it by the tools of those who review it"""
    install(session, "package", core=CORE)
    run(session, "reuse", "lint", "--quiet")
    with tempfile.TemporaryDirectory() as folder:
        # The commands must not find the checkout where they expect what is installed.
        env = {"ANSIBLE_COLLECTIONS_PATH": folder, "PYTHONPATH": ""}
        run(session, "ansible-galaxy", "collection", "build", "--output-path", folder, env=env)
        (tarball,) = pathlib.Path(folder).glob("*.tar.gz")
        run(session, "ansible-galaxy", "collection", "install", "--offline", "-p", folder, tarball, env=env)
        references = ["--plugin-docs", "--validate-collection-refs", "self", "--check-extra-docs-refs"]
        copy = pathlib.Path(folder) / "ansible_collections/oceanbase/obshell"
        run(session, "antsibull-docs", "lint-collection-docs", *references, copy, env=env)
        with session.chdir(folder):
            said = run(session, "python", "-m", "galaxy_importer.main", tarball.name, env=env, silent=True)
    # The importer only warns of what is wrong but does not keep the collection out.
    if warnings := [line for line in said.splitlines() if line.startswith(("WARNING", "ERROR"))]:
        session.error("\n".join(warnings))

# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tests, checks and builds behind `make`, each a session: `.venv/bin/nox --list` shows them.

`make test` runs those with the tag "test", and `make test-all` those with "matrix", the longest first.
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
OLDEST, NEWEST = "2.17", "2.21"
# What depends on the ansible-core, and on the oldest one also on the Python.
CORE_SANITY = ("action-plugin-docs", "ansible-doc", "runtime-metadata", "validate-modules")
OLDEST_SANITY = (*CORE_SANITY, "compile", "import")
VENV_CORE = importlib.metadata.version("ansible-core").rpartition(".")[0]
COLLECTION = BUILD / "ansible_collections/oceanbase/obshell"
# Slow tests search all cases.
QUICK, SLOW = ["-m", "not slow"], ["-m", "slow"]
# Tests that play guides and roles take long, and run no line of the plugins that the others do not run.
NOT_COVERING = (
    *("guides", "cluster_guides", "demo", "every_example_runs", "pipelines", "simulator_page", "readme", "ways_to_run"),
    *("recover_init", "recover_dag", "recovering_dags", "recovering_each_kind", "init_cluster", "processes", "secrets"),
    *("kinds_of_dags", "foreign_ids", "blocked", "successor", "three_servers", "storms", "masked_results"),
)

nox.needs_version = ">=2026.8"
nox.options.allow_parallel = True
nox.options.envdir = ".build/nox"
nox.options.error_on_missing_interpreters = True
nox.options.reuse_venv = "yes"
nox.options.tags = ["test"]
environment = install_environment()
os.environ.clear()
os.environ.update(environment)
# A signal that stops nox stops its sessions, also if a shell in the background ignores Ctrl-C.
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, signal.default_int_handler)

# The checks of antsibull-nox that antsibull-nox.toml selects.
antsibull_nox.load_antsibull_nox_toml()
for name in ("yamllint", "antsibull-nox-config", "license-check", "extra-checks"):
    nox.registry.get()[name].tags.append("matrix")


def in_venv(*tags: str) -> t.Callable[..., t.Any]:
    """Make a session that runs in .venv."""
    return nox.session(venv_backend="none", tags=tags)


def on_cores(*cores: str) -> t.Callable[..., t.Any]:
    """Make a session of the matrix for each of these versions of ansible-core."""
    params = nox.parametrize(["python", "core"], [nox.param(CORES[core], core, id=core) for core in cores])
    return lambda function: nox.session(name=function.__name__.replace("_", "-"), tags=["matrix"])(params(function))


def install(session: nox.Session, *files: str, core: str = "") -> None:
    """Install files of tests/requirements, and a version of ansible-core, into the environment of a session."""
    packages = [f"ansible-core=={core}.*"] if core else []
    session.install(*packages, *(f"--requirement=tests/requirements/{file}.txt" for file in files))


def bin_of(session: nox.Session) -> pathlib.Path:
    """The commands of the session's environment, or of .venv."""
    return pathlib.Path(session.bin if session.bin_paths else VENV_BIN)


def run(session: nox.Session, *command: t.Any, env: dict[str, str] | None = None, silent: bool = False) -> t.Any:
    """Run a command with no settings of the caller's. Beside other sessions it prints only if it fails."""
    path = bin_of(session) / command[0]
    full, silent = {**tool_environment(bin_of(session)), **(env or {})}, silent or session.parallel
    return session.run(path, *command[1:], env=full, include_outer_env=False, external=True, silent=silent)


def pytest(session: nox.Session, *arguments: str, python: t.Any = "python", more: int = 0, **env: str) -> None:
    """Run tests, in as many processes as there are processors, or some more; check.py counts them."""
    options = ["--quiet", f"--numprocesses={min(os.cpu_count() or 1, 4) + more}"]
    if "NOX_REPORTS" in os.environ:
        options.append(f"--junit-xml={os.environ['NOX_REPORTS']}/{session.name}.xml")
    # If a setting for a real agent reached the tests, each of them would fail with these.
    env |= {"OBSHELL_SOCKET": "/nowhere", "OBSHELL_USE_TLS": "true"}
    # In the usual folder each pytest would tidy up after the others.
    with tempfile.TemporaryDirectory(prefix="o") as folder:
        run(session, python, "-m", "pytest", *options, f"--basetemp={folder}/t", *arguments, *session.posargs, env=env)


def ansible_test(session: nox.Session, *arguments: str) -> None:
    """Run ansible-test, which installs packages by the caller's settings of pip."""
    command = [str(bin_of(session) / "python"), "tests/tools/ansible_test.py", *arguments, *session.posargs]
    session.run(*command, external=True, silent=session.parallel)


@in_venv("test", "matrix")
def sanity(session: nox.Session) -> None:
    """ansible-test sanity, with the ansible-core of .venv; its pylint, which takes long, runs in the matrix"""
    ansible_test(session, "sanity", "--local", *([] if session.posargs else ["--skip-test", "pylint"]))


@in_venv("test")
def integration(session: nox.Session) -> None:
    """Ansible itself against the simulator; one process more, since they wait for agents"""
    pytest(session, *QUICK, "tests/integration", more=1)


@in_venv("test")
def faults(session: nox.Session) -> None:
    """A connection between collection and simulator that breaks"""
    pytest(session, *QUICK, "tests/faults")


@in_venv("test")
def unit(session: nox.Session) -> None:
    """The unit tests, and those of the simulator and of the tools"""
    pytest(session, "tests/unit", "tests/simulator", "tests/tools")


@in_venv("test", "lint")
@nox.parametrize(
    "command",
    [
        nox.param("ansible-lint --offline --nocolor", id="ansible-lint"),
        nox.param("bandit --quiet --recursive plugins", id="bandit"),
        nox.param("yamllint --strict .", id="yamllint"),
        nox.param("antsibull-changelog lint", id="changelog"),
        nox.param("ruff check", id="ruff-check"),
        nox.param("ruff format --check", id="ruff-format"),
    ],
)
def style(session: nox.Session, command: str) -> None:
    """A linter"""
    run(session, *command.split())


@in_venv("test")
def types(session: nox.Session) -> None:
    """mypy"""
    tests = {path.parent for path in COLLECTION.glob("tests/*/*.py") if path.parent.name not in ("demo", "tools")}
    collection = [COLLECTION / "plugins", COLLECTION / "extensions", COLLECTION / "tests/unit", *sorted(tests)]
    run(session, "mypy", *collection, "tests/demo", "tests/tools", "noxfile.py")


@nox.session(tags=["docs"])
def docs(session: nox.Session) -> None:
    """The docs site, in .build/docs/html, of the pages that docs/site/conf.py names; any warning fails"""
    install(session, "docs")
    shutil.rmtree(BUILD / "docs", ignore_errors=True)
    source, html, reference = (BUILD / "docs" / name for name in ("source", "html", "source/collection"))
    reference.mkdir(parents=True)
    options = ["--use-current", "--squash-hierarchy", "--fail-on-error"]
    run(session, "antsibull-docs", "collection", *options, "--dest-dir", reference, "oceanbase.obshell")
    # It says that there are no variables, since it leaves out those of modules and roles.
    (reference / "environment_variables.rst").unlink()
    run(session, "sphinx-build", "--quiet", "--fail-on-warning", "--keep-going", "-c", "docs/site", source, html)
    session.log("The docs site is in .build/docs/html/index.html")


@nox.session()
def bench(session: nox.Session) -> None:
    """Measurements, against Ansible's own modules and the official SDK, which has the session's environment"""
    install(session, "bench")
    module = "ansible_collections.oceanbase.obshell.tests.benchmark"
    run(session, VENV_BIN / "python", "-m", module, *session.posargs)


@nox.session()
def audit(session: nox.Session) -> None:
    """Known vulnerabilities of what users run; this asks a service, by the caller's settings of the network"""
    install(session, "audit")
    session.run("pip-audit", "--cache-dir", ".build/cache/pip-audit", "--requirement", "tests/requirements/demo.txt")


@on_cores(NEWEST)
def core_tests(session: nox.Session, core: str) -> None:
    """The tests that start Ansible most, on the newest ansible-core; the quick ones run on two older ones"""
    install(session, "pytest", core=core)
    pytest(session, *SLOW, "tests/faults", "tests/integration")


@on_cores(OLDEST)
def coverage(session: nox.Session, core: str) -> None:
    """What tests run of the plugins on the oldest ansible-core; pyproject.toml says how much it must be"""
    install(session, "pytest", "coverage", core=core)
    ignored = [f"--ignore-glob=*/test_{name}.py" for name in NOT_COVERING]
    pytest(session, "--cov", *QUICK, *ignored, "tests/unit", "tests/faults", "tests/integration")
    report = BUILD / "coverage/report.json"
    run(session, "coverage", "json", "--quiet", "-o", report)
    # A file that no process has loaded is not in the report. Fragments are documentation only.
    files = {str(path) for path in pathlib.Path("plugins").rglob("*.py") if path.parent.name != "doc_fragments"}
    if unseen := files - json.loads(report.read_text(encoding="utf-8"))["files"].keys():
        session.error(f"No test loads {' '.join(sorted(unseen))}")


@on_cores(*CORES)
def targets(session: nox.Session, core: str) -> None:
    """ansible-test integration: each module and role; on cores between, only the roles, which run most modules"""
    install(session, "plugins", "simulator", core=core)
    chosen = [] if core in (OLDEST, NEWEST) else ["role_.*"]
    ansible_test(session, "integration", "--local", "--python", CORES[core], *chosen)


@on_cores(*(core for core in CORES if core != VENV_CORE))
def core_sanity(session: nox.Session, core: str) -> None:
    """ansible-test sanity; all its tests only on the newest core, on others those that depend on the core"""
    install(session, core=core)
    names = {OLDEST: OLDEST_SANITY, NEWEST: ()}.get(core, CORE_SANITY)
    ansible_test(session, "sanity", "--local", *(f"--test={name}" for name in names))


@on_cores(NEWEST)
def core_units(session: nox.Session, core: str) -> None:
    """ansible-test units, with all Pythons of hosts; coverage runs the same tests on the oldest ansible-core"""
    install(session, core=core)
    ansible_test(session, "units", "--venv")


@nox.session(tags=["matrix"])
def external(session: nox.Session) -> None:
    """Ways to run the collection that need more packages, and molecule"""
    install(session, "demo", "pytest", "ways")
    pytest(session, "tests/external")


@nox.session(tags=["matrix"])
def installed(session: nox.Session) -> None:
    """The package, installed and used beside what the README asks for"""
    install(session, "plugins", core=VENV_CORE)
    pytest(session, "tests/package", python=VENV_BIN / "python", USER_BIN=session.bin)


@nox.session(tags=["matrix"])
def package(session: nox.Session) -> None:
    """The package, in the tools of those who review it"""
    install(session, "package", core=VENV_CORE)
    run(session, "reuse", "lint", "--quiet")
    with tempfile.TemporaryDirectory() as folder:
        # The commands must not find the checkout where they expect what is installed.
        env = {"ANSIBLE_COLLECTIONS_PATH": folder, "PYTHONPATH": ""}
        run(session, "ansible-galaxy", "collection", "build", "--output-path", folder, env=env)
        (tarball,) = pathlib.Path(folder).glob("*.tar.gz")
        run(session, "ansible-galaxy", "collection", "install", "--offline", "-p", folder, tarball, env=env)
        references = ["--plugin-docs", "--validate-collection-refs", "self", "--check-extra-docs-refs"]
        copy = f"{folder}/ansible_collections/oceanbase/obshell"
        run(session, "antsibull-docs", "lint-collection-docs", *references, copy, env=env)
        with session.chdir(folder):
            said = run(session, "python", "-m", "galaxy_importer.main", tarball.name, env=env, silent=True)
    # The importer only warns of what is wrong but does not keep the collection out.
    if warnings := [line for line in said.splitlines() if line.startswith(("WARNING", "ERROR"))]:
        session.error("\n".join(warnings))

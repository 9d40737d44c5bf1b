# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pipelines of the guide are what GitLab and GitHub take, and their commands check and deploy a cluster."""

from __future__ import annotations

import concurrent.futures
import re
import subprocess

import pytest
import yaml
from ansible_collections.oceanbase.obshell.tests.simulator import Simulator

from ..conftest import LONGEST, ROOT, ROOT_PASSWORD, Ansible
from .guides import blocks, files, write_files
from .test_cluster_guides import fixture_simulator, here, identities

__all__ = ["fixture_simulator"]

PAGES = ("docs/pipelines.md",)
FILES = files(PAGES[0])
GITLAB = ".gitlab-ci.yml"
GITHUB = ".github/workflows/obdemo.yml"
# The files that no command of the page names.
LOOKED_AT = {GITLAB, GITHUB, "group_vars/all.yml"}
PLAYBOOK = "ansible-playbook -i clusters.yml deploy.yml"


def gitlab() -> tuple[str, str]:
    """What checks, after the installation, and what deploys."""
    pipeline = yaml.safe_load(FILES[GITLAB])
    install = pipeline["default"]["before_script"]
    return "\n".join([*install, *pipeline["check"]["script"]]), "\n".join(pipeline["deploy"]["script"])


def github() -> tuple[str, str]:
    steps = yaml.safe_load(FILES[GITHUB])["jobs"]["cluster"]["steps"]
    install, check, deploy = (step["run"] for step in steps if "run" in step)
    return install + check, deploy


def jenkins() -> tuple[str, str]:
    (jenkinsfile,) = blocks(PAGES[0], "groovy")
    install, check, deploy = re.findall(r"\bsh '([^']+)'", jenkinsfile)
    return f"{install}\n{check}", deploy


# What they do in the same words runs once.
CHECKS, DEPLOYS = (sorted(set(scripts)) for scripts in zip(gitlab(), github(), jenkins()))


def run(ansible: Ansible, script: str) -> str:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=ansible.folder,
        env=ansible.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.slow
def test_their_commands(ansible: Ansible, simulator: Simulator) -> None:
    found = {name: here(text) for name, text in {**files("docs/deploy_pipeline.md"), **FILES}.items()}
    found["requirements.yml"] = (
        found["requirements.yml"]
        .replace("https://github.com/oceanbase/ansible-collection-obshell.git", f"file://{ROOT}")
        .replace("version: 1.0.0", "version: HEAD")
    )
    write_files(ansible.folder, found)
    ansible.environment.update(
        ANSIBLE_COLLECTIONS_PATH=str(ansible.folder), OBSHELL_PASSWORD=ROOT_PASSWORD, PIP_DISABLE_PIP_VERSION_CHECK="1"
    )
    assert all(check.rstrip().endswith(f"{PLAYBOOK} --check --diff") for check in CHECKS) and DEPLOYS == [PLAYBOOK]
    output = "".join(run(ansible, check) for check in CHECKS)
    assert identities(simulator) == {"SINGLE"}
    output += run(ansible, PLAYBOOK)
    assert identities(simulator) == {"CLUSTER AGENT"}
    assert ROOT_PASSWORD not in output


def test_without_a_password_nothing_is_sent(ansible: Ansible, simulator: Simulator) -> None:
    write_files(
        ansible.folder, {name: here(text) for name, text in {**files("docs/deploy_pipeline.md"), **FILES}.items()}
    )
    done = ansible.run(PLAYBOOK.split())
    assert done.returncode != 0
    assert simulator.journal.entries == []


@pytest.mark.parametrize(
    ("name", "options"),
    [
        (GITLAB, ["--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci"]),
        (GITHUB, ["--builtin-schema", "vendor.github-workflows"]),
    ],
)
def test_its_schema(ansible: Ansible, name: str, options: list[str]) -> None:
    write_files(ansible.folder, FILES)
    done = ansible.run(["check-jsonschema", *options, str(ansible.folder / name)])
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_check_of_a_pull_request_takes_the_place_of_a_deployment() -> None:
    """GitHub lets one run of a group wait, and cancels it when the next one comes."""
    group = yaml.safe_load(FILES[GITHUB])["concurrency"]
    refs = ("refs/heads/main", "refs/pull/7/merge")
    assert len({group.replace("${{ github.ref }}", ref) for ref in refs}) == len(refs)


@pytest.mark.slow
def test_two_at_once_initialise_once(ansible: Ansible, simulator: Simulator) -> None:
    found = {name: here(text) for name, text in {**files("docs/deploy_pipeline.md"), **FILES}.items()}
    folders = [ansible.folder / name for name in ("one", "other")]
    for folder in folders:
        write_files(folder, found)
    port = ansible.environment["OBSHELL_PORT"]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        jobs = [
            pool.submit(Ansible(folder).run, PLAYBOOK.split(), OBSHELL_PORT=port, OBSHELL_PASSWORD=ROOT_PASSWORD)
            for folder in folders
        ]
    assert [job.result().returncode for job in jobs] == [0, 0], [job.result() for job in jobs]
    assert identities(simulator) == {"CLUSTER AGENT"}
    assert [entry.applied for entry in simulator.journal.posts(path_contains="/ob/init")].count(True) == 1

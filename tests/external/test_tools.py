# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-runner, ansible-navigator and ansible-builder, as the page on them has it."""

from __future__ import annotations

import json
import os
import re
import shlex
import typing as t

import ansible_runner
import pytest
import yaml
from ansible_collections.oceanbase.obshell.tests.integration.conftest import ROOT, ROOT_PASSWORD, Ansible
from ansible_collections.oceanbase.obshell.tests.integration.docs.guides import blocks
from ansible_collections.oceanbase.obshell.tests.simulator import Simulator

from .conftest import PAGE, holders, output, posted
from .sshd import HOST

NAVIGATE, BUILD = (shlex.split(block) for block in blocks(PAGE, "shell"))


@pytest.fixture(name="environment")
def fixture_environment(ansible: Ansible, monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs in this process has the folder and the environment that a process of its own would have."""
    for name in os.environ:
        monkeypatch.delenv(name)
    for name, value in ansible.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(ansible.folder)


@pytest.mark.usefixtures("environment")
def test_runner_as_the_page_has_it(simulator: Simulator, capsys: pytest.CaptureFixture[str]) -> None:
    (script,) = blocks(PAGE, "python")
    names: dict[str, t.Any] = {"root_password": ROOT_PASSWORD}
    exec(compile(script, PAGE, "exec"), names)
    assert names["run"].status == "successful"
    assert posted(simulator) == [("ROLLBACK", True)]
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if "rolling back" in line] and lines[-1].endswith("SUCCEED/ROLLBACK")


@pytest.mark.usefixtures("environment")
def test_runner_keeps_no_password_of_a_vault(ansible: Ansible, simulator: Simulator) -> None:
    folder = ansible.folder
    (folder / ".vault-password").write_text("of the vault", encoding="utf-8")
    (folder / "secrets.yml").write_text(f"root_password: '{ROOT_PASSWORD}'\n", encoding="utf-8")
    ansible.run(["ansible-vault", "encrypt", "secrets.yml", "--vault-password-file", ".vault-password"])
    private = folder / "private"
    private.mkdir()
    run = ansible_runner.run(
        private_data_dir=str(private),
        project_dir=str(folder),
        host_pattern="localhost",
        module="oceanbase.obshell.obshell_dag",
        module_args=f'name="Initialize cluster" operator=ROLLBACK host={HOST} password="{{{{ root_password }}}}"',
        cmdline=f"-vvvv -e @{folder}/secrets.yml --vault-password-file {folder}/.vault-password",
        quiet=True,
    )
    assert run.rc == 0, output(run)
    (ended,) = (event for event in run.events if event["event"] == "runner_on_ok")
    assert ended["event_data"]["res"]["dag"]["state"] == "SUCCEED"
    assert posted(simulator) == [("ROLLBACK", True)]
    assert holders(private) == []


def test_navigator_as_the_page_has_it(ansible: Ansible, simulator: Simulator) -> None:
    ansible.environment["OBSHELL_PASSWORD"] = ROOT_PASSWORD
    done = ansible.run(NAVIGATE)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "rolling back" in done.stdout
    assert posted(simulator)[-1] == ("ROLLBACK", True)
    (artifact,) = ansible.folder.glob("recover-artifact-*.json")
    assert json.loads(artifact.read_text(encoding="utf-8"))["status"] == "successful"
    assert ROOT_PASSWORD not in done.stdout + done.stderr and holders(ansible.folder) == []


def test_navigator_shows_the_documentation(ansible: Ansible) -> None:
    command = "ansible-navigator doc oceanbase.obshell.obshell_dag --execution-environment false --mode stdout"
    done = ansible.run(command.split())
    assert done.returncode == 0 and "data_removal" in done.stdout, done.stdout + done.stderr


def test_builder_makes_the_context_of_the_page(ansible: Ansible) -> None:
    done = ansible.run(BUILD)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "outdated" not in done.stdout
    wanted = yaml.safe_load((ansible.folder / "context/_build/requirements.yml").read_text(encoding="utf-8"))
    assert [collection["name"].rpartition("/")[2] for collection in wanted["collections"]] == [
        "ansible-collection-obshell.git"
    ]
    # Its name depends on which of podman and docker is there.
    (steps,) = (ansible.folder / "context").glob("*file")
    galaxy_stage = steps.read_text(encoding="utf-8").partition(" AS galaxy\n")[2]
    before, installs, _after = galaxy_stage.partition("ansible-galaxy collection install")
    assert installs and "RUN $PKGMGR install -y git-core" in before.splitlines()


def test_navigator_runs_the_image_that_was_built() -> None:
    """An image without a tag would be "latest", which navigator pulls each time."""
    build, navigate = (shlex.split(line) for line in blocks(PAGE, "text")[0].splitlines())
    image = build[build.index("--tag") + 1]
    assert re.fullmatch(r"[a-z-]+:[0-9.]+", image)
    assert navigate[navigate.index("--eei") + 1] == image


def test_builder_finds_what_the_package_needs(ansible: Ansible) -> None:
    installed = str(ansible.folder / "installed")
    # Never over the checkout, which the usual path leads to.
    ansible.environment["ANSIBLE_COLLECTIONS_PATH"] = installed
    galaxy(ansible, "build", str(ROOT), "--output-path", str(ansible.folder))
    (package,) = map(str, ansible.folder.glob("*.tar.gz"))
    galaxy(ansible, "install", "--offline", "-p", installed, package)
    found = yaml.safe_load(ansible.run(["ansible-builder", "introspect", installed]).stdout)
    lines = (ROOT / "meta/ee-requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = [f"{line}  # from collection oceanbase.obshell" for line in lines if line and not line.startswith("#")]
    assert found == {"python": wanted, "system": []}


def galaxy(ansible: Ansible, *arguments: str) -> None:
    done = ansible.run(["ansible-galaxy", "collection", *arguments])
    assert done.returncode == 0, done.stdout + done.stderr

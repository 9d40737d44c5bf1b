# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job template of docs/awx.md: AWX would take it, and its job does what its survey asks.

A job is run by ansible-runner here as it is in AWX, with the credential in the environment and in files, and with the
answers as extra variables.
"""

from __future__ import annotations

import copy
import pathlib
import typing as t

import ansible_runner
import jinja2.sandbox
import jsonschema
import pytest
import yaml
from ansible_collections.oceanbase.obshell.tests.integration.certificates import Authority
from ansible_collections.oceanbase.obshell.tests.integration.conftest import ROOT_PASSWORD, SPEED, Ansible
from ansible_collections.oceanbase.obshell.tests.integration.docs.guides import files
from ansible_collections.oceanbase.obshell.tests.simulator import AgentSpec, Obstacle, Simulator, Tls

from .conftest import output, posted
from .sshd import HOST

FILES = files("docs/awx.md")
(PLAY,) = yaml.safe_load(FILES["awx.yml"].replace("!unsafe ", ""))
SCHEMA = yaml.safe_load(pathlib.Path(__file__).with_name("awx_tasks.yml").read_text(encoding="utf-8"))
Task = dict[str, t.Any]


def arguments(module: str) -> dict[str, t.Any]:
    return t.cast("dict[str, t.Any]", next(task[module] for task in PLAY["tasks"] if module in task))


KIND, CREDENTIAL, ENVIRONMENT, TEMPLATE = (
    arguments(f"awx.awx.{name}") for name in ("credential_type", "credential", "execution_environment", "job_template")
)
QUESTIONS = TEMPLATE["survey_spec"]["spec"]


def test_awx_would_take_each_task() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for task in PLAY["tasks"]:
        jsonschema.validate(task, SCHEMA)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"forks": "many"}, "not of type 'integer'"),
        ({"job_slice_count": 0}, "less than the minimum"),
        ({"survey": {}}, "unexpected"),
        ({"survey_spec": {"name": "", "description": "", "spec": []}}, "non-empty"),
        ({"survey_spec": {"name": "", "spec": QUESTIONS}}, "'description' is a required property"),
        ({"survey_spec": {"name": "", "description": "", "spec": [{**QUESTIONS[1], "default": "3"}]}}, "not valid"),
    ],
)
def test_the_schema_refuses_what_awx_would(change: dict[str, t.Any], why: str) -> None:
    task = {"name": "", "awx.awx.job_template": {**copy.deepcopy(TEMPLATE), **change}}
    with pytest.raises(jsonschema.ValidationError, match=why):
        jsonschema.validate(task, SCHEMA)


def test_names_lead_to_what_is_there() -> None:
    assert CREDENTIAL["credential_type"] == KIND["name"]
    templates = [task["awx.awx.job_template"] for task in PLAY["tasks"] if "awx.awx.job_template" in task]
    of_other_pages = {**files("docs/deploy_pipeline.md"), **files("docs/scaling.md")}
    playbooks = [{**of_other_pages, **FILES}[template["playbook"]] for template in templates]
    assert len(set(playbooks)) == len(templates)
    for template in templates:
        assert template["credentials"] == [CREDENTIAL["name"]]
        assert template["execution_environment"] == ENVIRONMENT["name"]
    fields = {field["id"] for field in KIND["inputs"]["fields"]}
    assert set(CREDENTIAL["inputs"]) <= fields
    variables = [question["variable"] for question in QUESTIONS]
    assert len(set(variables)) == len(variables)
    choices = [(question["choices"], default_answer(question)) for question in QUESTIONS if "choices" in question]
    assert choices and all(set(answer if isinstance(answer, list) else [answer]) <= set(of) for of, answer in choices)


def default_answer(question: dict[str, t.Any]) -> t.Any:
    """What a job gets if nobody changes the answer: of a question with several answers, a line for each."""
    default = question["default"]
    return default.splitlines() if question["type"] == "multiselect" else default


def inject(folder: pathlib.Path, **inputs: str) -> dict[str, str]:
    """The environment of a job with a credential, whose files lie in a folder; a field left out is not defined."""
    render = jinja2.sandbox.ImmutableSandboxedEnvironment().from_string
    filename = {}
    for label, text in KIND["injectors"]["file"].items():
        path = folder / label
        path.write_text(render(text).render(inputs), encoding="utf-8")
        filename[label.partition(".")[2]] = str(path)
    return {
        name: render(text).render(inputs, tower={"filename": filename})
        for name, text in KIND["injectors"]["env"].items()
    }


def launch(ansible: Ansible, *arguments: str, inputs: dict[str, str] | None = None, **answers: t.Any) -> t.Any:
    """Run the job; an answer left out is the survey's default."""
    environment = inject(ansible.folder, password=ROOT_PASSWORD, **inputs or {})
    project = ansible.folder / "project"
    project.mkdir()
    (project / TEMPLATE["playbook"]).write_text(FILES[TEMPLATE["playbook"]], encoding="utf-8")
    return ansible_runner.run(
        private_data_dir=str(ansible.folder),
        inventory=str(ansible.folder / "clusters.yml"),
        playbook=TEMPLATE["playbook"],
        limit="orders",
        forks=TEMPLATE["forks"],
        cmdline=" ".join(arguments) or None,
        extravars={question["variable"]: default_answer(question) for question in QUESTIONS} | answers,
        envvars=ansible.environment | environment,
        quiet=True,
    )


@pytest.mark.parametrize(
    ("answers", "operators"),
    [
        ({"recover_init_policy": "rollback"}, ["ROLLBACK"]),
        ({"recover_init_retries": 1}, ["RETRY", "ROLLBACK"]),
    ],
)
def test_a_job(ansible: Ansible, simulator: Simulator, answers: dict[str, t.Any], operators: list[str]) -> None:
    job = launch(ansible, **answers)
    assert job.status == "successful", output(job)
    assert posted(simulator) == [(operator, True) for operator in operators]


def test_a_job_of_type_check_sends_nothing(ansible: Ansible, simulator: Simulator) -> None:
    job = launch(ansible, "--check")
    assert job.status == "successful", output(job)
    assert posted(simulator) == [] and "this run would recover it" in output(job)


def test_a_job_behind_tls(ansible: Ansible) -> None:
    authority = Authority(ansible.folder, "authority")
    tls = Tls(*authority.sign("agent", HOST), client_ca=authority.path)
    files = zip(("ca_path", "client_cert", "client_key"), (authority.path, *authority.sign("client")))
    inputs = {field: pathlib.Path(file).read_text(encoding="utf-8") for field, file in files}
    with Simulator([AgentSpec(ip=HOST, listen=(HOST,), tls=tls)], speed=SPEED) as simulator:
        simulator.fail_init(obstacle=Obstacle(node="Start observer", times=1), root_password=ROOT_PASSWORD)
        ansible.environment.update(OBSHELL_PORT=str(simulator.agents[0].port), OBSHELL_USE_TLS="true")
        job = launch(ansible, inputs=inputs)
        assert job.status == "successful", output(job)
        assert posted(simulator) == [("RETRY", True)]

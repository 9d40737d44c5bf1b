# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results are masked by field: text without secrets, and what tasks decide by as it is."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.masking import Masker
from ansible_collections.oceanbase.obshell.plugins.module_utils._module.undeclared_secrets import MASK

SECRET = "s3cr3t#Root"
DAG = {
    "id": "22130706433028869",
    "dag_id": 9,
    "name": "Initialize cluster",
    "state": "FAILED",
    "operator": "RUN",
    "start_time": "2026-01-02T03:04:05.678+08:00",
    "end_time": "2026-01-02T03:04:06.678+08:00",
    "stage": 2,
    "max_stage": 11,
    "additional_data": {"name": "FAILED", "note": "cluster", "cluster": 1},
    "nodes": [
        {
            "id": "22130706433028870",
            "name": "Start observer",
            "state": "FAILED",
            "operator": "RUN",
            "sub_tasks": [
                {
                    "name": "Start observer",
                    "state": "FAILED",
                    "execute_agent": {"ip": "127.0.0.1", "port": 2886},
                    "task_logs": ["FAILED at 127.0.0.1", "cluster"],
                }
            ],
        }
    ],
}
RESULT: dict[str, t.Any] = {
    "changed": True,
    "applied": "unknown",
    "operator": "RETRY",
    "dag": DAG,
    "reads": [DAG],
    "failures": [
        {"node": "Start observer", "sub_task": "Start observer", "agent": "127.0.0.1:2886", "logs": ["state"]}
    ],
    "running_ids": ["22130706433028869"],
    "operators": {"PASS": {"verdict": "refused", "accept": ["data_removal"], "reason": "state FAILED"}},
    "diff": {"before": {"state": "FAILED", "identities": {"127.0.0.1:2886": "SINGLE"}}, "after": {}},
    "steps": ["configure the cluster"],
    "agent": {"type": "seekdb", "identity": "CLUSTER AGENT", "zone": "cluster"},
    "failed_dags": [{"id": "22130706433028869", "name": "Initialize cluster"}],
    "cluster_name": "cluster",
    "heal": {"operator": "RUN", "accept": ["data_removal"]},
    "cause": "state",
    "members": [{"host": "127.0.0.1", "address": "127.0.0.1:2886", "identity": "SINGLE", "version": "4.3.0.0"}],
    "agents": [{"host": "127.0.0.1", "identity": "SINGLE", "dags": [{"id": "22130706433028869", "state": "FAILED"}]}],
    "clusters": [
        {
            "name": "cluster",
            "addresses": ["127.0.0.1:2886"],
            "unreachable": ["127.0.0.1:2886"],
            "identities": ["CLUSTER AGENT"],
            "versions": ["4.3.0.0"],
            "dags": [{"id": "22130706433028869", "operators": {"PASS": {"verdict": "refused", "reason": "state"}}}],
        }
    ],
    "error": {"errCode": "Task.NotFound", "message": "state"},
    "msg": "DAG 22130706433028869 (Initialize cluster) is FAILED/RUN",
}
# Passwords that are words of an agent's, parts of an ID, an address or a time, or names of fields.
COLLIDING = (
    "cluster",
    "FAILED",
    "RUN",
    "22130706433",
    "127.0.0.1",
    "2026-01-02",
    "Start observer",
    "state",
    "name",
    "seekdb",
)
FREE = ("msg", "error", "reason", "logs", "task_logs", "note", "additional_data")


def kept(value: t.Any) -> t.Any:
    """All but free text."""
    if isinstance(value, dict):
        return {key: kept(item) for key, item in value.items() if key not in FREE}
    return [kept(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("secret", COLLIDING)
def test_what_is_decided_by_is_kept(secret: str) -> None:
    masked = Masker([secret]).result(RESULT)
    assert kept(masked) == kept(RESULT)


@pytest.mark.parametrize("secret", [*COLLIDING, SECRET])
def test_free_text_is_masked(secret: str) -> None:
    text, masked_text = f"see {secret} here", f"see {MASK} here"
    dag = {**DAG, "nodes": [], "additional_data": {"agent": text, secret: text}, "unknown": text}
    result = {"dag": dag, "msg": text, "failures": [{"logs": [text]}], "error": {"message": text}}
    masked = Masker([secret]).result(result)
    assert masked["msg"] == masked["error"]["message"] == masked["failures"][0]["logs"][0] == masked_text
    assert masked["dag"]["additional_data"] == {"agent": masked_text, MASK: masked_text}
    assert masked["dag"]["unknown"] == masked_text


@pytest.mark.parametrize(("secret", "collides"), [(SECRET, False), *((secret, True) for secret in COLLIDING[:7])])
def test_a_password_that_is_kept_somewhere_is_noticed(secret: str, collides: bool) -> None:
    masker = Masker([secret])
    masker.result(RESULT)
    assert masker.collides is collides


@pytest.mark.parametrize("secret", [*COLLIDING, "unchanged", "record", "4.3.0.0"])
def test_a_checkpoint_is_kept_but_for_an_agents_own_text(secret: str) -> None:
    dag = {**DAG, "nodes": [], "additional_data": None}
    record = {"lost": ["join 127.0.0.1:2886"], "state": "unchanged", "members": [{"version": "4.3.0.0"}], "dag": dag}
    resume = {"checkpoint": {"record": record, "pending": None}, "last_reported": ["1", "FAILED"]}
    assert Masker([secret]).result({"resume": resume})["resume"] == resume


def test_a_checkpoint_holds_no_secret_that_an_agent_wrote() -> None:
    resume = {"trace_ids": [SECRET], "checkpoint": {"dag": {**DAG, "additional_data": {"x": SECRET}}}}
    assert SECRET not in json.dumps(Masker([SECRET]).result({"resume": resume}))


def test_characters_that_a_terminal_acts_on_are_escaped_everywhere() -> None:
    result = {"msg": "\x1b[2J", "dag": {"name": "\x1b[2J", "x": {"\x1b": ["\x1b"]}}}
    assert Masker([]).result(result) == {
        "msg": r"\x1b[2J",
        "dag": {"name": r"\x1b[2J", "x": {r"\x1b": [r"\x1b"]}},
    }


def test_structures() -> None:
    value: dict[str, t.Any] = {
        "password": "x",
        "pwd": "",
        "agent_password_set": True,
        "list": [SECRET, 1, None, {"token": 12}],
        "nested": {"secret": {"a": SECRET}},
        f"key {SECRET}": 1,
    }
    masked = {
        "password": MASK,
        "pwd": "",
        "agent_password_set": True,
        "list": [MASK, 1, None, {"token": MASK}],
        "nested": {"secret": {"a": MASK}},
    }
    assert Masker([SECRET, None, ""]).mask(value) == {**masked, f"key {MASK}": 1}


def test_all_below_a_password_like_name() -> None:
    answered = {"secrets": ["hunter2", ""], "credential": {"user": "root", "value": "hunter2"}, "tokens": None}
    masked = {"secrets": [MASK, ""], "credential": {"user": MASK, "value": MASK}, "tokens": None}
    assert Masker([]).mask(answered) == Masker([]).result({"x": answered})["x"] == masked
    assert Masker([]).mask({"rootPass": "hunter2", "rootpw": "hunter2", "bypassed": "no"}) == {
        "rootPass": MASK,
        "rootpw": MASK,
        "bypassed": "no",
    }


def deep(levels: int, key: str) -> t.Any:
    value: t.Any = SECRET
    for _level in range(levels):
        value = [{key: value}]
    return value


@pytest.mark.parametrize("key", ["additional_data", "nodes", "name", "token"])
def test_data_that_is_nested_deeply_is_cut(key: str) -> None:
    masked = Masker([SECRET]).result({"changed": True, "dag": {key: deep(400, key)}})
    assert masked["changed"] is True and SECRET not in json.dumps(masked)

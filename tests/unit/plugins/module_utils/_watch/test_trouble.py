# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a DAG says of trouble, in recordings of real agents."""

from __future__ import annotations

import json
import pathlib
import typing as t

import pytest
from ansible_collections.oceanbase.obshell.plugins.module_utils._dag.model import Dag
from ansible_collections.oceanbase.obshell.plugins.module_utils._watch.trouble import (
    began_at,
    is_being_recovered,
    is_first_attempt,
    moved_at,
    retries_of,
    waits_for_main,
)

from .looks import make_dag

RECORDINGS = pathlib.Path(__file__).parents[4] / "recordings"
RETRIED = ("init-recovers-4.3.2.0", "init-recovers-4.5.0.0")


def recorded(name: str, dag_name: str) -> list[Dag]:
    """The DAGs of a name with details that an agent returned, in order."""
    steps = json.loads((RECORDINGS / f"{name}.json").read_text(encoding="utf-8"))["steps"]
    bodies = [step["response"]["body"] for step in steps]
    datas = [body["data"] for body in bodies if isinstance(body, dict) and isinstance(body.get("data"), dict)]
    raws: list[dict[str, t.Any]] = [data for data in datas if data.get("name") == dag_name and data.get("nodes")]
    return [Dag.from_api(raw, details=True) for raw in raws]


@pytest.mark.parametrize("name", RETRIED)
def test_a_recorded_retry_is_a_recovery_until_it_ends(name: str) -> None:
    dags = recorded(name, "Initialize cluster")
    first = next(index for index, dag in enumerate(dags) if dag.state == "READY")
    assert not any(is_being_recovered(dag) for dag in dags[:first])
    unfinished = [dag for dag in dags[first:] if not dag.finished]
    assert len(unfinished) > 3 and all(is_being_recovered(dag) for dag in unfinished)
    assert not is_being_recovered(dags[-1]) and dags[-1].state == "SUCCEED"
    assert retries_of(dags[0]) == 0 and retries_of(dags[-1]) == 1


@pytest.mark.parametrize("name", RETRIED)
def test_a_recorded_dag_never_moves_backwards_and_a_ready_one_has_no_time(name: str) -> None:
    dags = recorded(name, "Initialize cluster")
    assert [began_at(dag) is None for dag in dags] == [dag.start_time.startswith("1970") for dag in dags]
    moments = [moment for moment in map(moved_at, dags) if moment is not None]
    assert moments == sorted(moments) and moments[-1] - moments[0] > 10


def test_the_parts_of_a_recorded_stop_wait_as_failed_for_their_main_dag() -> None:
    steps = json.loads((RECORDINGS / "stop-start-4.5.0.0.json").read_text(encoding="utf-8"))["steps"]
    latest: dict[str, Dag] = {}
    waited = set()
    for step in steps:
        data = (step["response"]["body"] or {}).get("data")
        if isinstance(data, dict) and "max_stage" in data:
            dag = Dag.from_api(data)
            latest[dag.id] = dag
            if dag.state == "FAILED" and waits_for_main(dag, latest.values()):
                waited.add(dag.name)
    assert waited == {"Stop observer", "Start observer"}


def failures() -> dict[str, list[Dag]]:
    """All that failed while it ran, in all recordings, by recording and ID."""
    found: dict[str, list[Dag]] = {}
    for path in RECORDINGS.glob("*.json"):
        for step in json.loads(path.read_text(encoding="utf-8"))["steps"]:
            body = step["response"].get("body")
            data = body.get("data") if isinstance(body, dict) else None
            raws = data.get("contents") if isinstance(data, dict) and "contents" in data else [data]
            for raw in raws or ():
                if isinstance(raw, dict) and raw.get("nodes") and (raw["state"], raw["operator"]) == ("FAILED", "RUN"):
                    found.setdefault(f"{path.stem} {raw['id']}", []).append(Dag.from_api(raw, details=True))
    return found


def test_no_retry_of_a_recording_is_a_first_attempt() -> None:
    """Some retries add only 1 to `execute_times`, and so are not among those that are counted."""
    checked = 0
    for attempts in failures().values():
        for before, after in zip(attempts, attempts[1:]):
            if before.start_time != after.start_time:
                checked += 1
                assert not is_first_attempt(after), after
    assert checked > 25


def test_a_part_without_its_main_dag_does_not_wait() -> None:
    part = make_dag(additional_data={"main_dag_id": "112"})
    assert not waits_for_main(part, [part]) and not waits_for_main(make_dag(), [])

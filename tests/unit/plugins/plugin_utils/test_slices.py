# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a sent task returns if the connection is lost between two time slices, or the task is interrupted."""

from __future__ import annotations

import typing as t

import pytest
from ansible.errors import AnsibleConnectionFailure
from ansible_collections.oceanbase.obshell.plugins.plugin_utils import _slices
from ansible_collections.oceanbase.obshell.plugins.plugin_utils._slices import MAX_LOST, SlicedRun

Step = t.Union[dict[str, t.Any], BaseException]
AWAITING, DECIDING = {"awaiting_end": True}, {"awaiting_end": False}
CLUSTER = {"record": {}, "pending": {"operation": None}}
CLUSTER_RETRY = {"record": {}, "pending": {"operation": AWAITING}}
BETWEEN_STEPS: dict[str, t.Any] = {"record": {}, "pending": None}
DONE = {"changed": False, "msg": "ended"}


class Interrupted(BaseException):
    """As Ansible's time-out of a task, which is no Exception."""


def lost() -> AnsibleConnectionFailure:
    return AnsibleConnectionFailure("Connection reset by peer")


def first(checkpoint: dict[str, t.Any], *, changed: bool = True) -> dict[str, t.Any]:
    return {"changed": changed, "fulfilled": False, "times_applied": 1, "resume": {"checkpoint": checkpoint}}


@pytest.fixture(name="pauses", autouse=True)
def fixture_pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    return pauses


def run(*steps: Step, retries: bool = False) -> tuple[dict[str, t.Any], list[t.Any]]:
    """The task's result, and the checkpoint with which each slice was sent."""
    sent: list[t.Any] = []

    def send(time_slice: dict[str, t.Any]) -> dict[str, t.Any]:
        step = steps[len(sent)]
        sent.append(time_slice.get("checkpoint"))
        if isinstance(step, BaseException):
            raise step
        return dict(step)

    return SlicedRun(send, lambda _progress: None, retries=retries).run(), sent


def test_a_short_loss_is_survived(pauses: list[float]) -> None:
    result, sent = run(first(AWAITING), lost(), lost(), DONE, retries=True)
    assert result["changed"] and result["msg"] == "ended" and not result.get("failed")
    assert sent == [None, AWAITING, AWAITING, AWAITING]
    assert pauses == [_slices.PAUSE] * 2


def test_a_long_loss_ends_the_task_with_what_is_known() -> None:
    result, sent = run(first(AWAITING), *[lost() for _time in range(MAX_LOST + 1)])
    assert result["failed"] and result["changed"] and result["times_applied"] == 1
    assert "Connection reset by peer" in result["msg"] and "again to resume waiting" in result["msg"]
    assert len(sent) == MAX_LOST + 2


@pytest.mark.parametrize("error", [Interrupted("timed out"), RuntimeError("no temporary directory")])
def test_any_interruption_returns_what_is_known(error: BaseException) -> None:
    result, _sent = run(first(AWAITING), error)
    assert result["failed"] and result["changed"] and str(error) in result["msg"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1)])
def test_who_ends_the_worker_ends_it(error: BaseException) -> None:
    with pytest.raises(type(error)):
        run(first(AWAITING), error)


def test_a_host_that_was_never_reached_is_unreachable(pauses: list[float]) -> None:
    with pytest.raises(AnsibleConnectionFailure):
        run(lost(), DONE)
    assert pauses == []


@pytest.mark.parametrize(
    ("checkpoint", "retries", "repeated"),
    [
        (AWAITING, True, True),
        (DECIDING, True, False),
        (DECIDING, False, False),
        (CLUSTER, False, True),
        (CLUSTER, True, False),
        (CLUSTER_RETRY, True, True),
        (BETWEEN_STEPS, False, False),
    ],
)
def test_a_slice_that_may_have_sent_a_retry_is_not_repeated(
    checkpoint: dict[str, t.Any], retries: bool, repeated: bool
) -> None:
    result, sent = run(first(checkpoint), lost(), DONE, retries=retries)
    assert len(sent) == (3 if repeated else 2) and result["changed"]
    assert bool(result.get("failed")) is not repeated


def test_what_a_lost_slice_of_a_cluster_may_have_done_counts_as_a_change() -> None:
    assert run(first(CLUSTER, changed=False), lost(), DONE)[0]["changed"]
    assert not run(first(AWAITING, changed=False), lost(), DONE)[0]["changed"]


def test_a_change_of_an_earlier_slice_stays_known() -> None:
    result, _sent = run(first(AWAITING), first(AWAITING, changed=False), lost(), DONE)
    assert result["changed"]

# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one part of a cluster's run hands to the next: JSON-serialisable, and without any password.

Pure. What is known of one run for a cluster, and how its task accounts for it. Pure.
"""

from __future__ import annotations

import typing as t

from .._dag.decision import allowed_operators
from .._dag.failures import failures, only_failed
from .._dag.model import INITIALIZE, Dag
from .._errors import OutcomeUnknown, Unreachable
from .._operation.waiter import Part, PartIsOver
from .model import Cluster, Declared, Done, Member, Step, View
from .report import predicted, present, visible

Handed = dict[str, t.Any]


def hand_view(view: View) -> Handed:
    """Tell what a later part tells again, or goes on with before it reads anew: no peers, no DAGs."""
    spare = ("server", "resolved")
    members = [{name: value for name, value in vars(member).items() if name not in spare} for member in view.members]
    cluster = view.cluster and {"name": view.cluster.name, "cluster_id": view.cluster.cluster_id}
    return {"members": members, "cluster": cluster}


def take_view(handed: Handed, declared: Declared) -> View:
    """Make it again; its members are in the order of the servers."""
    members = [
        Member(server, **{**member, "address": member["address"] and tuple(member["address"])})
        for server, member in zip(declared.servers, handed["members"])
    ]
    return View(tuple(members), handed["cluster"] and Cluster((), **handed["cluster"]))


def hand_done(done: Done) -> Handed:
    """Tell what was done that the agents cannot be asked for."""
    return {**vars(done), "configured": sorted(done.configured)}


def take_done(handed: Handed) -> Done:
    """Make it again."""
    return Done(**{**handed, "configured": set(handed["configured"])})


def hand_dag(dag: Dag | None) -> Handed | None:
    """Tell a DAG as a result does."""
    return only_failed(dag) if dag else None


def take_dag(handed: Handed | None) -> Dag | None:
    """Make it again."""
    return Dag.from_api(handed) if handed else None


def hand_step(step: Step, dag: Dag, operation: Handed | None) -> Handed:
    """Tell in the middle of which step a part was over, and what its operation needs to go on."""
    return {"kind": step.kind, "text": step.text, "dag": only_failed(dag), "operation": operation}


def take_step(handed: Handed) -> Step:
    """Make it again, without its member: its request was sent."""
    return Step(handed["kind"], handed["text"], dag=take_dag(handed["dag"]))


MOST_LOST = 2


class ClusterAccount:
    """What was seen last, and what was done so far.

    `steps` tells a person what was done, in check mode what is missing; `dag` is what was waited for last, or is
    in the way. `shaken` tells that a step may have kept agents from answering for a while.
    """

    def __init__(self, declared: Declared) -> None:
        """Begin, before anything was read."""
        self.view = View(())
        self.done = Done()
        self.steps: list[str] = []
        self.changed = False
        self.dag: Dag | None = None
        self.shaken = False
        self._declared = declared
        self._before: dict[str, t.Any] | None = None
        self._lost: Step | None = None
        # Texts of steps: what a part hands to the next is masked, and so would be a number named like a password.
        self._losses: list[str] = []

    def see(self, view: View) -> None:
        """Take note of what was read."""
        self.view = view
        if self._before is None:
            self._before = self._visible()
        dags = [dag for dag in view.dags if dag.name == INITIALIZE] or view.dags
        if dags and not view.initialized:
            self.dag = dags[0]

    def did(self, step: Step) -> None:
        """Take note of a step whose request the agent took."""
        self._change(step)
        self.done.remember(step)

    def operated(self, step: Step, result: dict[str, t.Any]) -> None:
        """Take note of what came of an operator."""
        self.steps += [f"rolled back first what blocked it: {dag}" for dag in result.get("unblocked", ())]
        if result.get("changed"):
            self._change(step)
        if result.get("dag", {}).get("state") == "SUCCEED":
            self.dag = Dag.from_api(result["dag"])

    def lost(self, step: Step, error: Unreachable) -> None:
        """Take note of a request whose answer was lost; the next look decides, unless that was so often enough.

        :raises OutcomeUnknown: it was.
        """
        self._losses.append(step.text)
        if self._losses.count(step.text) == MOST_LOST:
            raise OutcomeUnknown(f"{step.text}: {error.message}; run the same task again to go on") from error
        self._lost = step if error.sent else None

    def doubt(self, step: Step) -> None:
        """Take note of a step that its agent failed at, perhaps after it was done; the next look decides."""
        self._lost = step

    @property
    def doubts(self) -> str:
        """Say what was sent of which no look could tell whether it was done; empty where all is known."""
        return f"; whether this was done is not known: {self._lost.text}" if self._lost else ""

    def settle(self, missing: list[Step]) -> None:
        """Count a step whose answer was lost, or is in doubt, as done where it is not the next one any more."""
        lost, self._lost = self._lost, None
        if lost and not (missing and missing[0].text == lost.text):
            self._change(lost)

    def result(self, message: str, *, check: bool, elapsed: float, trace_ids: list[str]) -> dict[str, t.Any]:
        """Tell all of it, as `obshell_cluster` returns it."""
        dag = self.dag
        after = predicted(self.view, self._declared) if check and self.changed else self._visible()
        return {
            "changed": self.changed,
            "steps": list(self.steps),
            **present(self.view),
            "dag": only_failed(dag) if dag else None,
            "failures": failures(dag) if dag else [],
            "allowed_operators": allowed_operators(dag) if dag else [],
            "elapsed": round(elapsed, 3),
            "trace_ids": list(trace_ids),
            "diff": {"before": self._before or {}, "after": after},
            "msg": message,
        }

    def over(self, part: Part, pending: Handed | None = None, *, changing: str | None = None) -> PartIsOver:
        """Make what ends a part: with all that the next part needs.

        :param pending: the step in whose middle it is over, and `changing` its text where it is not listed as done yet,
            but has changed something.
        """
        account = {
            "view": hand_view(self.view),
            "done": hand_done(self.done),
            "dag": hand_dag(self.dag),
            "before": self._before,
            "losses": self._losses,
            **{name: getattr(self, name) for name in ("steps", "changed", "shaken")},
        }
        steps = [*self.steps, changing] if changing else self.steps
        changed = self.changed or changing is not None
        return PartIsOver(part, {"account": account, "pending": pending}, changed=changed, steps=steps)

    def take(self, account: Handed) -> None:
        """Go on where the last part was over."""
        self.view = take_view(account["view"], self._declared)
        self.done = take_done(account["done"])
        self.dag = take_dag(account["dag"])
        self._before = account["before"]
        self._losses = account["losses"]
        for name in ("steps", "changed", "shaken"):
            setattr(self, name, account[name])

    def _change(self, step: Step) -> None:
        self.changed = True
        if step.text not in self.steps:
            self.steps.append(step.text)

    def _visible(self) -> dict[str, t.Any]:
        return visible(self.view, self._declared, self.done)

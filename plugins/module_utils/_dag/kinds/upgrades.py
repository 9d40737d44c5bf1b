# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds that check and upgrade the agent and OceanBase."""

from __future__ import annotations

import posixpath

from ..model import Dag
from .definition import (
    CANCEL,
    DATA_REMOVAL,
    GLOBAL,
    HALF_DONE,
    OBSERVER_KILL,
    PASS,
    PASS_NODE,
    RETRY,
    ROLLBACK,
    Context,
    Kind,
    allow,
    ask,
    matches,
    refuse,
)

CREATE_DIRECTORY, REMOVE_DIRECTORY = "Create upgrade dir", "Remove upgrade check task dir"
LOG_LINE = "Upgrade dir is "
UNKNOWN_DIRECTORY = "(unknown, the log does not name it)"
FREEZE = "Minor freeze before stop server"
RESTART_AGENT, REINSTALL = "Restart obshell", "Reinstall and restart observer"


def upgrade_directories(dag: Dag) -> set[str]:
    """Read the upgrade directory on each agent from the logs, since no route of the agent returns it."""
    directories: set[str] = set()
    for node in dag.nodes:
        if matches(node.name, (CREATE_DIRECTORY,)):
            logs = [sub_task.logs for sub_task in node.sub_tasks] or [[]]
            directories.update(directory for lines in logs for directory in _directories(lines))
    return directories


def _directories(logs: list[str]) -> list[str]:
    found = [line.partition(LOG_LINE)[2] for line in logs if LOG_LINE in line]
    return found or [UNKNOWN_DIRECTORY]


def deletes_foreign_files(dag: Dag, context: Context) -> bool:
    """Whether the upgrade directory may be another one than the agent's own, which holds nothing else."""
    if not context.home_path:
        return True
    own = posixpath.join(context.home_path, "upgrade")
    return any(directory.rstrip("/") != own for directory in upgrade_directories(dag))


_DELETES = "the agent deletes the upgrade directory {directory} with everything in it, on every agent"
_DIRECTORY_RULES = (
    ask(ROLLBACK, DATA_REMOVAL, _DELETES, since=(CREATE_DIRECTORY,), when=deletes_foreign_files),
    ask(RETRY, DATA_REMOVAL, _DELETES, at=(CREATE_DIRECTORY,), when=deletes_foreign_files),
)
_CHECK_NODES = {
    "Check the python environment": "TBPC",
    CREATE_DIRECTORY: "TBPC",
    "Download all required packages": "TBPC",
    "Check all required packages": "TBPC",
    "Unpack all required packages": "TBPC",
}
_LAST_NODE = {REMOVE_DIRECTORY: "TPC"}
_AGENT_NODES = {
    **_CHECK_NODES,
    "Backup for upgrade": "TBPC",
    "Install new obshell": "TBPC",
    RESTART_AGENT: "TC",
    "Upgrade post table maintain": "TC",
}
_LOCK_STAYS = "the whole cluster stays locked until RETRY or ROLLBACK"
_FILES_STAY = "the upgrade is complete; the packages stay in the upgrade directory"

CHECK = Kind(
    names=("Upgrade check obshell *", "Upgrade check OB *"),
    nodes={**_CHECK_NODES, **_LAST_NODE},
    rules=(
        *_DIRECTORY_RULES,
        allow(ROLLBACK, "removes what the check downloaded"),
        allow(RETRY, "repeats the failed step of the check"),
        allow(PASS, "ends the check without its result"),
        ask(PASS_NODE, HALF_DONE, "the check shows success without the failed step"),
        allow(CANCEL, "stops the check"),
    ),
)
_HALF_UPGRADED = "a step of an upgrade cannot be skipped; RETRY, or ROLLBACK before the restart"
UPGRADE_AGENT = Kind(
    names=("Upgrade obshell *",),
    nodes={**_AGENT_NODES, **_LAST_NODE},
    rules=(
        refuse(
            ROLLBACK,
            "some agents already run the new version, only RETRY completes the upgrade",
            since=(RESTART_AGENT,),
        ),
        *_DIRECTORY_RULES,
        allow(ROLLBACK, "puts the previous version of the agent back"),
        allow(RETRY, "repeats the failed step and continues"),
        *(ask(operator, HALF_DONE, _FILES_STAY, at=(REMOVE_DIRECTORY,)) for operator in (PASS, PASS_NODE)),
        *(refuse(operator, _HALF_UPGRADED) for operator in (PASS, PASS_NODE)),
        ask(CANCEL, HALF_DONE, _LOCK_STAYS),
    ),
    lock=GLOBAL,
)

NO_WAY_BACK = (RESTART_AGENT, "Backup parameters")
UPGRADE_OCEANBASE = Kind(
    names=("OB stop service upgrade *", "OB rolling upgrade *"),
    nodes={
        **_AGENT_NODES,
        "Backup parameters": "TC",
        "Execute upgrade checker script": "T",
        FREEZE: "TBPC",
        "Execute upgrade pre script": "T",
        "Execute upgrade health checker script": "T",
        "Execute upgrade zone health checker script": "T",
        REINSTALL: "T",
        "Execute upgrade post script": "T",
        "Restore parameters": "T",
        "Stop *": "T",
        "Start *": "T",
        **_LAST_NODE,
    },
    rules=(
        refuse(ROLLBACK, "the cluster is half upgraded and there is no way back, only RETRY", since=NO_WAY_BACK),
        *_DIRECTORY_RULES,
        allow(ROLLBACK, "puts the previous version of the agent back; OceanBase was not changed"),
        ask(
            RETRY,
            OBSERVER_KILL,
            "kills and reinstalls the observers of {agents} again where that failed",
            at=(REINSTALL,),
        ),
        allow(RETRY, "repeats the failed step and continues"),
        *(ask(operator, HALF_DONE, _FILES_STAY, at=(REMOVE_DIRECTORY,)) for operator in (PASS, PASS_NODE)),
        ask(PASS_NODE, HALF_DONE, "the observers take longer to restart, without a freeze before it", at=(FREEZE,)),
        *(refuse(operator, "a step of an upgrade cannot be skipped; RETRY") for operator in (PASS, PASS_NODE)),
        refuse(CANCEL, "the cluster is half upgraded, and only RETRY ends the upgrade", since=NO_WAY_BACK),
        ask(CANCEL, HALF_DONE, _LOCK_STAYS),
    ),
    lock=GLOBAL,
)

KINDS = (CHECK, UPGRADE_AGENT, UPGRADE_OCEANBASE)

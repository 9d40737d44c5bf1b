# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds that manage an OBProxy."""

from __future__ import annotations

from .definition import (
    CANCEL,
    DATA_REMOVAL,
    FIRST_STAGE,
    HALF_DONE,
    NEVER,
    OBPROXY,
    OBSERVER_KILL,
    PASS,
    PASS_NODE,
    RETRY,
    ROLLBACK,
    Kind,
    allow,
    ask,
    refuse,
)

CHECK, HOT_RESTART = "Check obproxy status", "Hot restart obproxy"

_UNMANAGED = "the OBProxy may run without being managed by the agent, or the agent manage one that does not run"
ADD = Kind(
    names=("Add obproxy",),
    nodes={
        CHECK: "TPC",
        "Start obproxy": "TBPC",
        "Set proxyro password for connect": "TPC",
        "Persist obproxy info": "TPC",
    },
    rules=(
        refuse(ROLLBACK, "its first step cannot be undone; RETRY, or PASS and delete the OBProxy"),
        allow(RETRY, "repeats the failed step and continues"),
        *(ask(operator, HALF_DONE, _UNMANAGED) for operator in (PASS, PASS_NODE)),
        allow(CANCEL, "stops the DAG; RETRY continues it"),
    ),
    lock=OBPROXY,
    released=FIRST_STAGE,
)
START = Kind(
    names=("Start obproxy",),
    nodes={CHECK: "TPC", "Start obproxy": "TBPC"},
    rules=(
        refuse(ROLLBACK, "its first step cannot be undone; stop the OBProxy instead"),
        allow(RETRY, "starts the OBProxy again"),
        allow(PASS, "ends the DAG; the OBProxy stays as it is"),
        ask(PASS_NODE, HALF_DONE, "the OBProxy stays as it is, or is started without a check"),
        allow(CANCEL, "stops the DAG; the OBProxy stays as it is"),
    ),
)
_KILLS = "kills the OBProxy with kill -9"
STOP = Kind(
    names=("Stop obproxy",),
    nodes={CHECK: "TPC", "Stop obproxy": "TBPC"},
    rules=(
        refuse(ROLLBACK, "its first step cannot be undone; start the OBProxy instead"),
        ask(RETRY, OBSERVER_KILL, _KILLS),
        allow(PASS, "ends the DAG; the OBProxy stays as it is"),
        ask(PASS_NODE, (HALF_DONE, OBSERVER_KILL), f"without the failed step, {_KILLS}", at=(CHECK,)),
        ask(PASS_NODE, HALF_DONE, "the OBProxy stays as it is"),
        allow(CANCEL, "stops the DAG; the OBProxy stays as it is"),
    ),
    lock=OBPROXY,
    released=FIRST_STAGE,
)
_DELETES = "kills the OBProxy and deletes etc, log, run, bin and lib in its home directory"
_FILES_STAY = "files or the registration of the OBProxy stay"
DELETE = Kind(
    names=("Delete obproxy",),
    nodes={
        CHECK: "TPC",
        "Stop obproxy": "TBPC",
        "Delete obproxy": "TPC",
        "Clean obproxy dir": "TPC",
    },
    rules=(
        refuse(ROLLBACK, "a deleted OBProxy does not come back"),
        ask(RETRY, DATA_REMOVAL, _DELETES),
        ask(PASS, HALF_DONE, _FILES_STAY),
        ask(PASS_NODE, HALF_DONE, _FILES_STAY, at=("Clean obproxy dir",)),
        ask(PASS_NODE, (HALF_DONE, DATA_REMOVAL), f"without the failed step, {_DELETES}"),
        ask(CANCEL, HALF_DONE, "the OBProxy is half deleted until RETRY"),
    ),
    lock=OBPROXY,
    released=FIRST_STAGE,
)

_BINARY = "the binary and the running process may have different versions"
UPGRADE = Kind(
    names=("Upgrade obproxy",),
    nodes={
        "Create upgrade dir": "TBPC",
        "Download obproxy pkg from sqlite": "TB",
        "Check obproxy pkg": "TBPC",
        "Backup for upgrade": "TBPC",
        "Reinstall obproxy bin": "TBPC",
        "Copy obproxy config db file": "TBPC",
        "Record obproxy info": "TBPC",
        HOT_RESTART: "TBPC",
        "Wait hot restart obproxy finish": "TBPC",
        "Remove upgrade dir": "TPC",
    },
    rules=(
        ask(ROLLBACK, HALF_DONE, _BINARY, since=(HOT_RESTART,)),
        allow(ROLLBACK, "puts the previous binary back"),
        allow(RETRY, "repeats the failed step and continues"),
        *(ask(operator, HALF_DONE, _BINARY) for operator in (PASS, PASS_NODE)),
        ask(CANCEL, HALF_DONE, _BINARY),
    ),
    lock=OBPROXY,
    released=NEVER,
)

KINDS = (ADD, START, STOP, DELETE, UPGRADE)

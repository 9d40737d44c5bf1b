# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kinds that back up and restore tenants."""

from __future__ import annotations

from .definition import (
    ALWAYS,
    ARCHIVING_OFF,
    CANCEL,
    HALF_DONE,
    JOB_CONTINUES,
    NO_LOCK,
    PASS,
    PASS_NODE,
    RETRY,
    ROLLBACK,
    SECOND_BACKUP,
    TENANT,
    TENANT_DROP,
    Kind,
    allow,
    ask,
    refuse,
)

CHECK_CONFIG, START_BACKUP, START_RESTORE = "Check backup config", "Start backup", "Start restore"
_ARCHIVING = "log archiving was switched off and stays off; switch it on again afterwards"

CONFIG, TENANT_CONFIG = (
    Kind(
        names=names,
        nodes={CHECK_CONFIG: "TBPC", "Set backup config": "TPC"},
        rules=(
            allow(ROLLBACK, "nothing was changed yet", at=(CHECK_CONFIG,)),
            refuse(ROLLBACK, f"it cannot be undone: {_ARCHIVING}"),
            ask(RETRY, ARCHIVING_OFF, "stops running backups, switches log archiving off and leaves it off"),
            ask(PASS, HALF_DONE, "the backup configuration is not set", at=(CHECK_CONFIG,)),
            ask(
                PASS_NODE,
                (HALF_DONE, ARCHIVING_OFF),
                f"sets the backup configuration without checking it: {_ARCHIVING}",
                at=(CHECK_CONFIG,),
            ),
            ask(PASS, ARCHIVING_OFF, _ARCHIVING),
            ask(PASS_NODE, (HALF_DONE, ARCHIVING_OFF), _ARCHIVING),
            ask(CANCEL, ARCHIVING_OFF, "log archiving may be switched off already, and stays off"),
        ),
        lock=lock,
    )
    for names, lock in (
        (("Set obcluster backup config",), NO_LOCK),
        (("Set obcluster backup config for *",), TENANT),
    )
)

_NO_PROOF = "the DAG shows success without proof that the backup is complete"
BACKUP = Kind(
    names=(
        *("Obcluster start full backup", "Obcluster start full backup for *"),
        *("Obcluster start increment backup", "Obcluster start increment backup for *"),
    ),
    nodes={
        "Check destination": "TBPC",
        "Open archive log": "TBPC",
        START_BACKUP: "TBPC",
        "Wait backup Finish": "TBPC",
    },
    rules=(
        ask(ROLLBACK, JOB_CONTINUES, "the backup is not stopped, although the DAG shows a rollback"),
        ask(
            RETRY,
            SECOND_BACKUP,
            "starts a second backup of tenants whose backup was already started",
            at=(START_BACKUP,),
        ),
        allow(RETRY, "repeats the failed step, or waits again for the backup"),
        *(ask(operator, HALF_DONE, _NO_PROOF) for operator in (PASS, PASS_NODE)),
        ask(CANCEL, JOB_CONTINUES, "the database continues the backup; cancel the backup itself to stop it"),
    ),
)

_DROPS = "cancels the restore and drops the restored tenant {tenant} with all its data"
RESTORE = Kind(
    names=("Restore backup_*",),
    nodes={
        "Pre restore check": "TBPC",
        START_RESTORE: "TBPC",
        "Wait restore task finish": "TBPC",
        "Active tenant": "TPC",
        "Upgrade tenant": "TPC",
    },
    rules=(
        ask(ROLLBACK, TENANT_DROP, _DROPS),
        ask(RETRY, TENANT_DROP, f"{_DROPS}, then restores it again", at=(START_RESTORE,)),
        allow(RETRY, "repeats the failed step, or waits again for the restore"),
        ask(PASS, HALF_DONE, "tenant {tenant} is not activated or not upgraded"),
        ask(PASS_NODE, HALF_DONE, "tenant {tenant} is not activated or not upgraded", since=("Active tenant",)),
        refuse(PASS_NODE, "the later steps need the restored tenant; RETRY it"),
        ask(CANCEL, JOB_CONTINUES, "the database continues the restore; cancel the restore itself to stop it"),
    ),
    lock=TENANT,
    released=ALWAYS,
)
CANCEL_RESTORE = Kind(
    names=("Cancel restore *",),
    nodes={"Cancel restore": "TPC", "Drop resource pool": "TPC"},
    rules=(
        refuse(ROLLBACK, "a cancelled restore does not continue"),
        allow(RETRY, "repeats the failed step and continues"),
        refuse(PASS_NODE, "the DAG would drop the resource pools of a restore that continues", at=("Cancel restore",)),
        *(ask(operator, HALF_DONE, "the resource pools of the restore stay") for operator in (PASS, PASS_NODE)),
        ask(CANCEL, HALF_DONE, "the restore may be cancelled already, and its resource pools stay"),
    ),
    lock=TENANT,
)

KINDS = (CONFIG, TENANT_CONFIG, BACKUP, RESTORE, CANCEL_RESTORE)

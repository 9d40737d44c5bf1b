# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Routes that upgrade the agents of a cluster. Each creates a DAG of the cluster."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ...core.dag import Json
from ...core.errors import ApiError
from ...core.kinds.upgrades import upgrade, upgrade_check
from ..call import Call, DataWithError
from .cluster import cluster_agent, submit_or_refuse

if TYPE_CHECKING:
    from ...core.kinds.definition import DagKind


def check(call: Call) -> Json | DataWithError:
    return _submit(call, upgrade_check)


def start(call: Call) -> Json | DataWithError:
    return _submit(call, upgrade)


def check_oceanbase(call: Call) -> Json | DataWithError:
    """Refuse it: no simulated agent has packages of OceanBase."""
    cluster_agent(call)
    version, release = (call.required(name, structure="UpgradeCheckParam") for name in ("version", "release"))
    return DataWithError(None, ApiError("no_package", f"oceanbase-{version}-{release}.x86_64.rpm"))


def _submit(call: Call, kind: Callable[..., DagKind]) -> Json | DataWithError:
    agent = cluster_agent(call)
    version, release = (str(call.required(name, structure="UpgradeCheckParam")) for name in ("version", "release"))
    directory, target = str(call.body.get("upgradeDir", "")), f"{version}-{release.partition('.')[0]}"
    if directory and not directory.startswith("/"):
        return DataWithError(None, ApiError("relative_path", directory))
    if _numbers(version) <= _numbers(agent.version.name):
        return DataWithError(None, ApiError("lower_version", target, agent.version.release))
    parameters = {
        "directory": directory or f"{agent.spec.home}/upgrade",
        "number": agent.clock.now() // 10**6,
        "target": target,
    }
    return submit_or_refuse(agent, kind(f"{version}-{release}", given_directory=bool(directory)), parameters)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())

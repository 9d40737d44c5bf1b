# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One call in a process of its own, by this collection or by the official SDK: prints when it ended, and the DAG's end.

probe.py ours|sdk read|refused|rollback PORT ID
"""

from __future__ import annotations

import datetime
import json
import sys
import time
import typing as t

PASSWORD = "benchmark"


def ours(action: str, port: int, dag_id: str) -> dict[str, t.Any]:
    from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.client import ObshellClient
    from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.session import Credentials
    from ansible_collections.oceanbase.obshell.plugins.module_utils._agent.transport_stdlib import HttpTransport
    from ansible_collections.oceanbase.obshell.plugins.module_utils._errors import ObshellError
    from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.lookup import find_dag
    from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.operate import operate
    from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.record import OperationRequest
    from ansible_collections.oceanbase.obshell.plugins.module_utils._operation.waiter import Waiter

    client = ObshellClient(HttpTransport("127.0.0.1", port, timeout=30), Credentials(PASSWORD))
    if action == "read":
        return find_dag(client, dag_id=dag_id).raw
    try:
        operator = "PASS" if action == "refused" else "ROLLBACK"
        waiter = Waiter.start(timeout=1800, interval=10)
        return dict(operate(client, OperationRequest(operator=operator, id=dag_id), waiter)["dag"])
    except ObshellError:
        return {}


def sdk(action: str, port: int, dag_id: str) -> dict[str, t.Any]:
    from obshell import ClientSet, OBShellHandleError
    from obshell.auth import PasswordAuth

    client = ClientSet("127.0.0.1", port, PasswordAuth(PASSWORD)).v1
    if action == "read":
        client.get_dag(dag_id)
        return {}
    try:
        client.operate_dag_sync(dag_id, "ROLLBACK" if action == "rollback" else "PASS")
    except OBShellHandleError:
        return {}
    return {"end_time": client.get_dag(dag_id).end_time} if action == "rollback" else {}


def main() -> None:
    who, action, port, dag_id = sys.argv[1:]
    dag = {"ours": ours, "sdk": sdk}[who](action, int(port), dag_id)
    now = time.time()
    end = str(dag.get("end_time") or "")
    lag = now - datetime.datetime.fromisoformat(end[:26].rstrip("Z") + "+00:00").timestamp() if end else None
    print(json.dumps({"lag": lag}))


if __name__ == "__main__":
    main()

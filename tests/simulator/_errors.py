# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# The agent's Chinese has full-width punctuation.
# ruff: noqa: RUF001
"""The words of the agent's errors: kind -> status, code and message, before and since 4.5."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Answer:
    status: int
    message: str
    err_code: str = ""
    code: int = 0
    chinese: str = ""
    """With `Accept-Language: zh-CN`, where that was recorded."""


class ApiError(Exception):
    """A request refused; `kind` is a key of the tables below."""

    def __init__(self, kind: str, *values: object) -> None:
        super().__init__(kind, *values)
        self.kind = kind
        self.values = values


def _unauthorized(err_code: str, message: str, chinese: str = "") -> Answer:
    name = f"Security.Authentication.{err_code}"
    return Answer(401, f"Unauthorized: {message}", name, 10008, chinese and f"认证失败: {chinese}")


def _operator(err_code: str, message: str, chinese: str = "") -> Answer:
    return Answer(400, message, f"Task.Dag.Operator.{err_code}", chinese=chinese)


NEW = {
    "header_missing": Answer(
        400, "X-OCS-Agent-Header or X-OCS-Header not found in http request header", "Request.Header.NotFound"
    ),
    "decrypt_failed": Answer(
        401,
        "Decrypt http header failed: {}",
        "Security.Authentication.Header.DecryptFailed",
        1,
    ),
    "uri_mismatch": Answer(401, "URI mismatch", "Security.Authentication.Header.UriMismatch", 10008),
    "expired": _unauthorized("Expired", "Authentication expired"),
    "timestamp_invalid": _unauthorized("Timestamp.Invalid", "Invalid timestamp: {}"),
    "root_password": _unauthorized(
        "IncorrectOceanbasePassword", "OceanBase password is incorrect", "OceanBase root 密码不正确"
    ),
    "agent_password": _unauthorized("IncorrectAgentPassword", "Agent password is incorrect"),
    "use_agent_password": _unauthorized("WithAgentPassword", "Should use agent_password to verify: {}"),
    "use_root_password": _unauthorized("WithOceanBasePassword", "Should use oceanbase_password to verify: {}"),
    "no_agent_password": _unauthorized("AgentPasswordNotInitialized", "Agent password is not initialized"),
    "forward_header": Answer(
        500, "Header not found when auto-forwarding request to master", "Request.Forward.Header.NotExist"
    ),
    "bad_body": Answer(500, "Unexpected error: {}", "Common.Unexpected"),
    "unexpected": Answer(500, "Unexpected error: {}", "Common.Unexpected"),
    "no_route": Answer(404, "Element not found: 404 not found", "Common.NotFound"),
    "missing_field": Answer(
        400,
        "Bind JSON failed: Key: '{0}.{1}' Error:Field validation for '{1}' failed on the 'required' tag",
        "Common.BindJsonFailed",
    ),
    "bad_json": Answer(400, "Bind JSON failed: {}", "Common.BindJsonFailed"),
    "invalid_id": Answer(400, "Invalid ID: {}{}", "Task.GenericID.Invalid"),
    "not_found": Answer(404, "Task not found: {}", "Task.NotFound"),
    "no_oceanbase_dag": Answer(500, "Task not found: Agent is not holding OceanBase", "Agent.OceanBase.NotHold"),
    "no_oceanbase": Answer(500, "Agent is not holding OceanBase", "Agent.OceanBase.NotHold"),
    "only_cluster_agent": Answer(500, "Unexpected error: ocsagent cannot build response body", "Common.Unexpected"),
    "under_maintenance": Answer(500, "Create task '{}' failed: {} is under maintenance", "Agent.UnderMaintenance"),
    "agent_under_maintenance": Answer(500, "{} is under maintenance", "Agent.UnderMaintenance"),
    "identity": Answer(
        400,
        "'{}' is '{}', instead of '{}', does not support this operation",
        "Agent.Identify.NotSupportOperation",
    ),
    "initialized": Answer(400, "Cluster has already been initialized", "OB.Cluster.AlreadyInitialized"),
    "unreachable": Answer(500, "Request [{}]{} to {} failed: connection refused", "Agent.RPC.RequestFailed"),
    "rollback_not_failed": _operator("RollbackNotFailedDag", "Failed to set DAG rollback: DAG state is not failed"),
    "rollback_not_allowed": _operator(
        "RollbackNotAllowed",
        "Failed to set DAG rollback: node {} cannot rollback",
    ),
    "rollback_nothing": Answer(
        500, "Unexpected error: failed to set dag rollback: no node failed", "Common.Unexpected"
    ),
    "retry_not_failed": _operator(
        "RetryNotFailedDag", "Failed to set DAG retry: DAG state is not failed", "重试 DAG 失败：DAG 未失败"
    ),
    "retry_not_allowed": _operator("RetryNotAllowed", "Failed to set DAG retry: node {} cannot retry"),
    "cancel_finished": _operator("CancelFinishedDag", "Failed to cancel DAG: DAG is finished"),
    "cancel_not_allowed": _operator("CancelNotAllowed", "Failed to cancel DAG: node {} cannot cancel"),
    "pass_not_failed": _operator("PassNotFailedDag", "Failed to pass DAG: DAG is not failed"),
    "pass_not_allowed": _operator("PassNotAllowed", "Failed to pass DAG: node {} cannot pass"),
    "operator": _operator("NotSupport", "Operator {} is not supported"),
}

_OLD_UNAUTHORIZED = Answer(401, "Verification failed", code=10008)


def _known(message: str) -> Answer:
    return Answer(500, f"Known error: {message}", code=1010)


OLD = {
    "header_missing": _OLD_UNAUTHORIZED,
    "decrypt_failed": _OLD_UNAUTHORIZED,
    "uri_mismatch": _OLD_UNAUTHORIZED,
    "expired": _OLD_UNAUTHORIZED,
    "timestamp_invalid": _OLD_UNAUTHORIZED,
    "root_password": _OLD_UNAUTHORIZED,
    "forward_header": _OLD_UNAUTHORIZED,
    "bad_body": Answer(500, "Unexpected error: {}", code=1002),
    "unexpected": Answer(500, "Unexpected error: {}", code=1002),
    "no_route": Answer(400, "Bad request: 404 not found", code=1000),
    "missing_field": Answer(
        400,
        "Illegal argument: Key: '{0}.{1}' Error:Field validation for '{1}' failed on the 'required' tag",
        code=1001,
    ),
    "bad_json": Answer(400, "Illegal argument: {}", code=1001),
    "invalid_id": Answer(400, "Illegal argument: invalid id: {}", code=1001),
    "not_found": Answer(404, "Task not found: {}", code=2300),
    "no_oceanbase_dag": Answer(404, "Task not found: oceanbase db is nil", code=2300),
    "no_oceanbase": Answer(500, "Unexpected error: oceanbase db is nil", code=1002),
    "only_cluster_agent": Answer(400, "Bad request: only cluster agent can get cluster unfinished dags", code=1000),
    "under_maintenance": Answer(500, "Unexpected error: {1} is under maintenance", code=1002),
    "agent_under_maintenance": Answer(500, "Unexpected error: {} is under maintenance", code=1002),
    "identity": Answer(400, "Bad request: {} is {}, not {}", code=1000),
    "initialized": Answer(400, "Bad request: cluster has already been initialized", code=1000),
    "unreachable": Answer(500, "Unexpected error: {0} {1} to {2}: connection refused", code=1002),
    "rollback_not_failed": _known("failed to set dag rollback: dag state is not failed"),
    "rollback_not_allowed": _known("failed to set dag rollback: {} can not rollback"),
    "rollback_nothing": _known("failed to set dag rollback: no node failed"),
    "retry_not_failed": _known("failed to set dag retry: dag state is not failed"),
    "retry_not_allowed": _known("failed to set dag retry: {} can not retry"),
    "cancel_finished": _known("failed to cancel dag: dag is finished"),
    "cancel_not_allowed": _known("failed to cancel dag: {} can not cancel"),
    "pass_not_failed": _known("failed to pass dag: dag is not failed"),
    "pass_not_allowed": _known("failed to pass dag: {} can not pass"),
    "operator": _known("invalid operator: {}"),
}

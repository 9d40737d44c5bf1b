# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What differs between the versions of the agent: features, and the words of every error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ._errors import NEW, OLD, Answer


@dataclass(frozen=True)
class Version:
    """One version of the agent."""

    name: str
    key_bits: int
    errors: dict[str, Answer]
    coded_errors: bool
    """Errors bear `errCode`, routes unknown before 4.3 exist, and DAGs tell their maintenance type."""
    failed_dag_locks: bool
    """A FAILED maintenance DAG keeps others out."""

    @property
    def release(self) -> str:
        return f"{self.name}-1"

    def error(self, kind: str, *values: object, language: str = "") -> tuple[int, dict[str, Any]]:
        """The HTTP status and the envelope's `error` for a kind of `_errors.py`."""
        answer = self.errors[kind]
        chinese = self.coded_errors and language.startswith("zh") and bool(answer.chinese)
        message = (answer.chinese if chinese else answer.message).format(*values)
        if not self.coded_errors:
            return answer.status, {"code": answer.code, "message": message}
        code = {"code": answer.code} if answer.code else {}
        return answer.status, {**code, "errCode": answer.err_code, "message": message}

    def log_error(self, code: str, text: str) -> str:
        """The last line of a sub-task that failed."""
        return f"ERROR: [{code}]: {text}" if self.coded_errors else f"ERROR: {text}"

    def unexpected(self, text: str) -> str:
        return self.log_error("Common.Unexpected", f"Unexpected error: {text}" if self.coded_errors else text)

    def shell_quote(self, text: str) -> str:
        return f"'{text}'" if self.coded_errors else text


VERSIONS = {
    version.name: version
    for version in (
        Version("4.2.2.0", 512, OLD, coded_errors=False, failed_dag_locks=False),
        Version("4.2.5.0", 512, OLD, coded_errors=False, failed_dag_locks=False),
        Version("4.5.0.0", 1024, NEW, coded_errors=True, failed_dag_locks=True),
    )
}

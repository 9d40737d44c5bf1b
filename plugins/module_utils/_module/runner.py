# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The edge: a task's options in, a masked result out. Modules and action plugins alike come through :func:`perform`."""

from __future__ import annotations

import typing as t

from .._errors import ObshellError, unexpected_explained
from .._operation.waiter import Part, PartIsOver
from .connection import check, connect
from .masking import Masker
from .options import SECRETS, Spec

Params = dict[str, t.Any]
Result = dict[str, t.Any]
Function = t.Callable[[t.Any, Params], Result]


class Closable(t.Protocol):
    """What speaks with one agent, or with several."""

    trace_ids: list[str]

    def close(self) -> None:
        """Close the connections."""


class Kind(t.NamedTuple):
    """How tasks of a kind reach their agents, and which of their options are secret."""

    connect: t.Callable[[Params], Closable]
    secrets: t.Callable[[Params], t.Iterable[str | None]]


ONE_AGENT = Kind(connect, lambda params: [params.get(name) for name in SECRETS])


def run(function: Function, spec: Spec, kind: Kind = ONE_AGENT) -> None:
    """Run a function as a module: what it returns is the result, an error of this collection is a failed task.

    :param function: takes a client and the options, with `check_mode` and `part` (None where it is done at once) beside
        them; returns JSON-serialisable values.
    :param spec: arguments of :class:`AnsibleModule`.
    """
    # An action plugin comes here too, and has no use for it.
    from ansible.module_utils.basic import AnsibleModule

    module = AnsibleModule(supports_check_mode=True, **spec)
    result = perform(function, {**module.params, "check_mode": module.check_mode}, kind, diff=module._diff)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)


def perform(function: Function, params: Params, kind: Kind = ONE_AGENT, *, diff: bool) -> Result:
    """Call a function with a client made of the options, and mask whatever comes of it.

    :returns: the task's result, with `failed` where it did. Where it is done in parts there is `progress`, a list of
        what happened meanwhile, and `resume` where another part is needed.
    """
    result: Result
    part = Part(**params["_slice"]) if params.get("_slice") is not None else None
    try:
        with unexpected_explained():
            check(params)
            client = kind.connect(params)
            client.trace_ids[:0] = part.trace_ids if part else []
            try:
                result = function(client, {**params, "part": part})
            except PartIsOver as over:
                result = {**over.known, "resume": over.resume(client.trace_ids)}
            finally:
                client.close()
    except ObshellError as error:
        result = {"changed": False, **error.result, "failed": True, "msg": error.message}
    if part:
        result["progress"] = [progress._asdict() for progress in part.told]
    if not diff:
        result.pop("diff", None)
    return t.cast("dict[str, t.Any]", Masker(kind.secrets(params)).mask(result))

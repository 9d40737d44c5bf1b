# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The edge: a task's options in, a masked result out. Modules and action plugins alike come through :func:`perform`."""

from __future__ import annotations

import typing as t

from ._arguments import SECRETS, Spec, check, connect
from ._client import ObshellClient
from ._errors import ObshellError, unexpected_explained
from ._mask import Masker

Function = t.Callable[[ObshellClient, dict[str, t.Any]], dict[str, t.Any]]


def run(function: Function, spec: Spec) -> None:
    """Run a function as a module: what it returns is the result, an error of this collection is a failed task.

    :param function: takes a client and the options, with `check_mode` beside them; returns JSON-serialisable values.
    :param spec: arguments of :class:`AnsibleModule`.
    """
    # An action plugin comes here too, and has no use for it.
    from ansible.module_utils.basic import AnsibleModule

    module = AnsibleModule(supports_check_mode=True, **spec)
    result = perform(function, {**module.params, "check_mode": module.check_mode}, diff=module._diff)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)


def perform(function: Function, params: dict[str, t.Any], *, diff: bool) -> dict[str, t.Any]:
    """Call a function with a client made of the options, and mask whatever comes of it.

    :returns: the task's result, with `failed` where it did.
    """
    result: dict[str, t.Any]
    try:
        with unexpected_explained():
            check(params)
            client = connect(params)
            try:
                result = function(client, params)
            finally:
                client.close()
    except ObshellError as error:
        result = {"changed": False, **error.result, "failed": True, "msg": error.message}
    if not diff:
        result.pop("diff", None)
    return t.cast("dict[str, t.Any]", Masker(params.get(name) for name in SECRETS).mask(result))

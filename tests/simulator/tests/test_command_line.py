# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the command line."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
import trustme
from ansible_collections.oceanbase.obshell.tests import simulator

COMMAND = [sys.executable, "-m", "ansible_collections.oceanbase.obshell.tests.simulator", "--port=0"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(simulator.__file__).parents[5])}


def test_agents_of_any_version_serve_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(tmp_path / "agent.pem")
    ready = tmp_path / "ready"
    tls = [f"--tls-certificate={tmp_path}/agent.pem", f"--tls-key={tmp_path}/agent.pem"]
    options = ["--agents=2", "--agent-version=4.3.1.0", f"--ready-file={ready}", *tls]
    with subprocess.Popen([*COMMAND, *options], env=ENVIRONMENT) as process:
        try:
            while not ready.exists():
                assert process.poll() is None
                time.sleep(0.05)
            context = ssl.create_default_context(cafile=tmp_path / "ca.pem")
            for agent in json.loads(ready.read_text(encoding="utf-8"))["agents"]:
                url = f"https://127.0.0.1:{agent['port']}/api/v1/status"
                with urllib.request.urlopen(url, context=context) as answer:
                    assert json.load(answer)["data"]["version"] == "4.3.1.0-1"
        finally:
            process.terminate()
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--agent-version=4.2.1.0"], "4.2.2.0 to 4.5.0.0"),
        (["--tls-key=x"], "--tls-certificate and --tls-key belong together"),
        (["--tls-client-ca=x"], "--tls-client-ca needs --tls-certificate"),
        (
            ["--tls-client-ca=x", "--tls-certificate=x", "--tls-key=x", "--agent-version=4.3.2.0"],
            "--tls-client-ca needs an agent of 4.4.2.0 or later",
        ),
    ],
)
def test_options_that_are_refused(options: list[str], said: str) -> None:
    refused = subprocess.run([*COMMAND, *options], env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert refused.returncode == 2 and said in refused.stderr

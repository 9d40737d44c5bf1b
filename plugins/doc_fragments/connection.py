# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the connection options that all modules share."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  host:
    description:
      - Name or address of the agent as seen from where the task runs, IPv6 with or without brackets.
      - If not given, the environment variable E(OBSHELL_HOST) is used.
    type: str
    default: 127.0.0.1
  port:
    description:
      - Port of the agent.
      - If not given, the environment variable E(OBSHELL_PORT) is used.
    type: int
    default: 2886
  socket:
    description:
      - Path of the agent's unix socket, C(run/obshell.sock) below its home, on the host where the module runs. Only
        C(root) and the owner of the agent may use it.
      - With it neither a password nor a Python library is needed, and the options of HTTP are ignored.
      - If not given, the environment variable E(OBSHELL_SOCKET) is used.
    type: path
  password:
    description:
      - Password of C(root@sys), the administrator of the cluster. An agent that is not configured yet takes an empty
        one.
      - It is sent encrypted with the agent's public key, over plain HTTP too.
      - If not given, the environment variable E(OBSHELL_PASSWORD) is used.
    type: str
  agent_password:
    description:
      - Password of the agent itself, where one was set (agents 4.3 and later). OBProxy's tasks take only this one.
      - With both passwords given, the one that the agent takes is chosen.
      - If not given, the environment variable E(OBSHELL_AGENT_PASSWORD) is used.
    type: str
  use_tls:
    description:
      - Whether to use https. The agent itself speaks plain HTTP; use this where a TLS proxy stands before it.
      - If not given, the environment variable E(OBSHELL_USE_TLS) is used.
    type: bool
    default: false
  validate_certs:
    description:
      - Whether to check the server's certificate.
      - If not given, the environment variable E(OBSHELL_VALIDATE_CERTS) is used.
    type: bool
    default: true
  ca_path:
    description:
      - File of the certificate authorities to trust instead of the system's, in PEM format. Needs O(use_tls=true).
      - If not given, the environment variable E(OBSHELL_CA_PATH) is used.
    type: path
  client_cert:
    description:
      - File of a certificate to show to the server, in PEM format, with the key unless O(client_key) holds it. Needs
        O(use_tls=true).
      - If not given, the environment variable E(OBSHELL_CLIENT_CERT) is used.
    type: path
  client_key:
    description:
      - File of the key that belongs to O(client_cert).
      - If not given, the environment variable E(OBSHELL_CLIENT_KEY) is used.
    type: path
  timeout:
    description:
      - Seconds to wait for the agent in one request, a day at most; not for the end of a DAG.
      - If not given, the environment variable E(OBSHELL_TIMEOUT) is used.
    type: float
    default: 30
requirements:
  - python >= 3.9
  - requests >= 2.25 (with O(use_tls), and through a proxy)
  - cryptography >= 3.4.1 (unless O(socket) is used)
notes:
  - All options of the connection can be set for several tasks at once with C(module_defaults) of the group
    C(oceanbase.obshell.obshell).
"""

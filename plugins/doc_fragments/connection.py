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
      - Name or address of the agent, as seen from the host where the task runs. IPv6 with or without brackets.
      - If not given, the environment variable E(OBSHELL_HOST) is used, or else V(127.0.0.1).
    type: str
  port:
    description:
      - Port of the agent.
      - If not given, the environment variable E(OBSHELL_PORT) is used, or else V(2886).
    type: int
  socket:
    description:
      - Path of the agent's unix socket, C(run/obshell.sock) in its home directory, on the host where the module runs.
        Only C(root) and the owner of the agent can use it. The module sends nothing if the server of the socket runs
        neither as C(root) nor as the owner of the socket's directory.
      - The socket needs no password and no Python library. The module ignores the HTTP options.
      - If not given, the environment variable E(OBSHELL_SOCKET) is used.
    type: path
  password:
    description:
      - Password of C(root@sys), the administrator of the cluster. An agent that is not configured yet accepts an empty
        password. For an agent of seekdb, the password of its user C(root).
      - The module sends it encrypted with the agent's public key, over plain HTTP too.
      - If not given, the environment variable E(OBSHELL_PASSWORD) is used.
    type: str
  agent_password:
    description:
      - Password of the agent itself, if it has one (agents 4.2.6 and later). OBProxy tasks accept only this password.
        Agents of seekdb do not accept it.
      - If you give both passwords, the module uses the one that the agent accepts.
      - If not given, the environment variable E(OBSHELL_AGENT_PASSWORD) is used.
    type: str
  use_tls:
    description:
      - Whether to use https. By default the agent speaks plain HTTP. Set this if the port is a TLS proxy's.
      - If not given, the environment variable E(OBSHELL_USE_TLS) is used, or else V(false).
    type: bool
  use_proxy:
    description:
      - Whether to use the proxy that the environment sets (C(HTTP_PROXY), C(HTTPS_PROXY) or C(ALL_PROXY), except for
        hosts in C(NO_PROXY)). The module never uses a proxy for loopback.
      - If not given, the environment variable E(OBSHELL_USE_PROXY) is used, or else V(true).
    type: bool
  validate_certs:
    description:
      - Whether to check the server's certificate.
      - If not given, the environment variable E(OBSHELL_VALIDATE_CERTS) is used, or else V(true).
    type: bool
  ca_path:
    description:
      - File of the trusted certificate authorities, in PEM format, or a directory of them that C(openssl rehash) has
        prepared, instead of the system's. Needs O(use_tls=true).
      - Without it, the module uses the authorities in C(REQUESTS_CA_BUNDLE), or else the system's, which
        C(SSL_CERT_FILE) and C(SSL_CERT_DIR) replace.
      - If not given, the environment variable E(OBSHELL_CA_PATH) is used.
    type: path
  client_cert:
    description:
      - File of the client certificate in PEM format, with its key unless O(client_key) is given. Needs O(use_tls=true).
      - If not given, the environment variable E(OBSHELL_CLIENT_CERT) is used.
    type: path
  client_key:
    description:
      - File of the key that belongs to O(client_cert), without a passphrase.
      - If not given, the environment variable E(OBSHELL_CLIENT_KEY) is used.
    type: path
  timeout:
    description:
      - Seconds to wait for the agent in one request, at most a day. It does not limit the wait for the end of a DAG.
      - If not given, the environment variable E(OBSHELL_TIMEOUT) is used, or else V(30).
    type: float
requirements:
  - python >= 3.9
  - requests >= 2.25 (with O(use_tls), and through a proxy)
  - cryptography >= 3.4.1 (unless O(socket) is used)
notes:
  - An option that the task or C(module_defaults) gives goes before the environment, also across options. If O(host),
    O(port) or O(use_tls) is given, E(OBSHELL_SOCKET) is ignored. If O(socket) is given, the variables of the HTTP
    options are ignored. If O(password) or O(agent_password) is given, the variable of the other one is ignored, and
    likewise for O(client_cert) and O(client_key).
  - The module refuses O(socket) beside O(host), O(port) or O(use_tls), and the same combination of variables.
  - To set connection options for several tasks at once, use C(module_defaults) of the group
    C(oceanbase.obshell.obshell).
"""

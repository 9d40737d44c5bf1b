# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates: the authorities that a server's certificate is checked against, and the client's own."""

from __future__ import annotations

import os
import re
import ssl
import threading
import typing as t

from .._errors import InvalidInput

BUNDLE_VARIABLE = "REQUESTS_CA_BUNDLE"
# Names that `openssl rehash` gives: OpenSSL finds no other file in a directory of authorities.
HASHED = re.compile(r"[0-9a-f]{8}\.\d+")


class Trust(t.NamedTuple):
    """A context for TLS, and in words the authorities that it trusts."""

    context: ssl.SSLContext
    authorities: str


def make_trust(*, verify: bool, ca_path: str | None, client_cert: str | None, client_key: str | None) -> Trust:
    """Make the context for connections to one server.

    The authorities are those of `ca_path`, or else of REQUESTS_CA_BUNDLE, or else the system's, which OpenSSL finds and
    SSL_CERT_FILE and SSL_CERT_DIR replace.

    :raises InvalidInput: a file or directory has no certificate, or the client's key is encrypted or another one's.
    """
    context, authorities = _trusting(ca_path) if verify else (_unverified(), "none")
    if client_cert:
        _load_client(context, client_cert, client_key)
    return Trust(context, authorities)


class SharedTrusts:
    """The trusts of the connections of one task, each made once: to load the authorities of a system takes 30 ms."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[tuple[object, ...], Trust] = {}

    def get(self, *, verify: bool, ca_path: str | None, client_cert: str | None, client_key: str | None) -> Trust:
        """See :func:`make_trust`."""
        options = (verify, ca_path, client_cert, client_key)
        with self._lock:
            if options not in self._made:
                self._made[options] = make_trust(
                    verify=verify, ca_path=ca_path, client_cert=client_cert, client_key=client_key
                )
            return self._made[options]


def _trusting(ca_path: str | None) -> tuple[ssl.SSLContext, str]:
    bundle = ca_path or os.environ.get(BUNDLE_VARIABLE)
    if not bundle:
        return ssl.create_default_context(), _describe_system()
    option = "ca_path" if ca_path else BUNDLE_VARIABLE
    file, directory = _location(bundle, option)
    return ssl.create_default_context(cafile=file, capath=directory), f"{option} ({bundle})"


def _unverified() -> ssl.SSLContext:
    """Make a context without authorities, which nothing would check."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _location(path: str, option: str) -> tuple[str | None, str | None]:
    """Check a file or a directory of authorities, and return it as the one or the other."""
    if os.path.isdir(path):
        if not any(HASHED.fullmatch(name) for name in os.listdir(path)):
            raise InvalidInput(
                f"{option}: the directory {path} has no authority that OpenSSL finds; give a file in PEM format, or "
                "name the files in the directory with openssl rehash"
            )
        return None, path
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{option}: {path} is not a readable file of certificates in PEM format: {error}") from error
    return path, None


def _describe_system() -> str:
    paths = ssl.get_default_verify_paths()
    found = [path for path in (paths.cafile, paths.capath) if path]
    names = (paths.openssl_cafile_env, paths.openssl_capath_env)
    variables = [f"{name}={os.environ[name]}" for name in names if os.environ.get(name)]
    where = ", ".join(found) or f"none found at {paths.openssl_cafile} and {paths.openssl_capath}"
    return f"the system's ({', '.join([*variables, where])})"


def _load_client(context: ssl.SSLContext, cert: str, key: str | None) -> None:
    def refuse_encrypted() -> t.NoReturn:
        raise InvalidInput(
            f"{'client_key' if key else 'client_cert'}: the key in {key or cert} is encrypted; give a key without a "
            "passphrase, readable only for the user that runs the task"
        )

    try:
        context.load_cert_chain(cert, key, password=refuse_encrypted)
    except OSError as error:
        raise InvalidInput(f"client_cert, client_key: {cert} and its key cannot be used: {error}") from error

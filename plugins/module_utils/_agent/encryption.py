# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent's encryption of headers and bodies. Pure: no network, no clock, no Ansible.

Source: the agent's `ob/agent/secure` and recorded exchanges.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import json
import os
import typing as t

from .._errors import MissingLibrary, Unreachable

try:
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.padding import PKCS7
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    HAS_CRYPTOGRAPHY = True
except ImportError:
    HAS_CRYPTOGRAPHY = False

PKCS1_OVERHEAD = 11
BLOCK_BITS = 128
# A public key of the usual size, of no agent: its modulus is 2**1023 + 1.
SAMPLE_KEY = f"MIGJAoGBAI{'A' * 169}BAgMBAAE="


def warm_up() -> None:
    """Load now what OpenSSL loads for the first encryption, so that processes that are forked later share it."""
    # What fails here fails in the task too, which reports it.
    with contextlib.suppress(Exception):
        encrypt_request(load_public_key(SAMPLE_KEY), password="", uri="", expires=0, body={})


@functools.lru_cache(maxsize=1)
def load_public_key(text: str) -> RSAPublicKey:
    """Read an agent's public key.

    :param text: base64 of a DER PKCS#1 RSAPublicKey, of any size (512 bits up to 4.3.2, 1024 from 4.4.2).
    :raises MissingLibrary: `cryptography`.
    :raises Unreachable: the text is not such a key, so the server is not an agent.
    """
    if not HAS_CRYPTOGRAPHY:
        raise MissingLibrary("cryptography", "to reach an agent over HTTP (not through its socket)")
    try:
        key = load_der_public_key(base64.b64decode(text, validate=True))
    except ValueError as error:
        raise Unreachable(f"the agent's public key is invalid: {error}", sent=False) from error
    if not isinstance(key, RSAPublicKey):
        raise Unreachable("the agent's public key is not an RSA key", sent=False)
    return key


def rsa_encrypt(key: RSAPublicKey, data: bytes) -> str:
    """Encrypt bytes of any length with PKCS#1 v1.5, in chunks of (key bytes - 11), joined, in base64."""
    step = key.key_size // 8 - PKCS1_OVERHEAD
    chunks = (data[start : start + step] for start in range(0, len(data), step))
    return base64.b64encode(b"".join(key.encrypt(chunk, PKCS1v15()) for chunk in chunks)).decode("ascii")


def encrypt_request(
    key: RSAPublicKey, *, password: str, uri: str, expires: int, body: t.Any = None
) -> tuple[str, bytes]:
    """Make the header and the body of one request (authentication v2: agents 4.2.3 and later).

    :param password: of root@sys or of the agent, depending on the header that it is sent in.
    :param uri: path and query, byte for byte as they are sent.
    :param expires: seconds since 1970 on the agent's clock, after which the agent refuses the header.
    :param body: JSON-serialisable, or None for an empty body.
    :returns: the value of X-OCS-Header or X-OCS-Agent-Header, and the encrypted body (base64 text, or empty).
    """
    secret, iv = os.urandom(16), os.urandom(16)
    keys = base64.b64encode(secret + iv).decode("ascii")
    header = {"auth": password, "ts": str(expires), "uri": uri, "keys": keys}
    return rsa_encrypt(key, json.dumps(header).encode()), b"" if body is None else _encrypt_body(secret, iv, body)


def encrypt_request_v1(key: RSAPublicKey, *, password: str, expires: int, body: t.Any = None) -> tuple[str, bytes]:
    """Make the value of X-OCS-Auth and the plain body of one request (authentication v1: only agent 4.2.2).

    For the parameters see :func:`encrypt_request`.
    """
    header = {"password": password, "ts": expires}
    return rsa_encrypt(key, json.dumps(header).encode()), b"" if body is None else json.dumps(body).encode()


def _encrypt_body(secret: bytes, iv: bytes, body: t.Any) -> bytes:
    padder = PKCS7(BLOCK_BITS).padder()
    padded = padder.update(json.dumps(body).encode()) + padder.finalize()
    encryptor = Cipher(algorithms.AES(secret), modes.CBC(iv)).encryptor()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize())

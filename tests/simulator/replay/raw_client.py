# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small client for the tests of the simulator. It shares no code with the collection, which they do not test."""

from __future__ import annotations

import base64
import http.client
import json
import secrets
import time
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


@dataclass(frozen=True)
class PublicKey:
    """The public key of an agent."""

    modulus: int
    exponent: int

    @classmethod
    def parse(cls, encoded: str) -> PublicKey:
        """Read the two integers of an RSAPublicKey in DER."""
        sequence, _rest = _read_element(base64.b64decode(encoded))
        modulus, rest = _read_element(sequence)
        exponent, _rest = _read_element(rest)
        return cls(int.from_bytes(modulus, "big"), int.from_bytes(exponent, "big"))

    @property
    def size(self) -> int:
        return (self.modulus.bit_length() + 7) // 8

    def encrypt(self, text: str) -> str:
        plain, step = text.encode(), self.size - 11
        chunks = (plain[at : at + step] for at in range(0, len(plain), step))
        return base64.b64encode(b"".join(map(self._encrypt, chunks))).decode()

    def _encrypt(self, chunk: bytes) -> bytes:
        filler = bytes(secrets.randbelow(255) + 1 for _byte in range(self.size - 3 - len(chunk)))
        padded = int.from_bytes(b"\0\x02" + filler + b"\0" + chunk, "big")
        return pow(padded, self.exponent, self.modulus).to_bytes(self.size, "big")


def _read_element(der: bytes) -> tuple[bytes, bytes]:
    """The content of the first element, and the bytes behind it."""
    size, start = der[1], 2
    if size & 0x80:
        start += size & 0x7F
        size = int.from_bytes(der[2:start], "big")
    return der[start : start + size], der[start + size :]


@dataclass(frozen=True)
class Header:
    """How to authenticate a request. A test can give wrong values."""

    name: str
    password: str
    expires: int = 0
    uri: str = ""
    key: PublicKey | None = None
    encrypt_body: bool = True


def fetch_key(host: str, port: int) -> PublicKey:
    return PublicKey.parse(send(host, port, "GET", "/api/v1/secret")[1]["data"]["public_key"])


def send(
    host: str,
    port: int,
    method: str,
    uri: str,
    *,
    body: Any = None,
    header: Header | None = None,
    key: PublicKey | None = None,
    language: str = "",
) -> tuple[int, Any]:
    """Send one request. `key` is the key of the agent; without it, the client fetches it if there is a header."""
    headers = {"Accept-Language": language} if language else {}
    content = b"" if body is None else json.dumps(body).encode()
    if header:
        aes = secrets.token_bytes(32)
        headers[header.name] = _encrypt_header(header, uri, aes, header.key or key or fetch_key(host, port))
        content = _encrypt_body(content, aes) if content and header.encrypt_body else content
    connection = http.client.HTTPConnection(host, port, timeout=60)
    try:
        connection.request(method, uri, body=content or None, headers=headers)
        response = connection.getresponse()
        answer = response.read()
        return response.status, json.loads(answer) if answer else None
    finally:
        connection.close()


def _encrypt_header(header: Header, uri: str, aes: bytes, key: PublicKey) -> str:
    fields = {
        "auth": header.password,
        "ts": str(header.expires or int(time.time()) + 100),
        "uri": header.uri or uri,
        "keys": base64.b64encode(aes).decode(),
    }
    return key.encrypt(json.dumps(fields))


def _encrypt_body(content: bytes, aes: bytes) -> bytes:
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(aes[:16]), modes.CBC(aes[16:])).encryptor()
    padded = padder.update(content) + padder.finalize()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize())

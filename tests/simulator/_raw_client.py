# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of its own for the simulator's tests, so that they prove nothing by the collection's code."""

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
    modulus: int
    exponent: int

    @classmethod
    def parse(cls, encoded: str) -> PublicKey:
        """The two integers of a DER RSAPublicKey."""
        sequence, _rest = _take(base64.b64decode(encoded))
        modulus, rest = _take(sequence)
        exponent, _rest = _take(rest)
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


def _take(der: bytes) -> tuple[bytes, bytes]:
    """The content of the first element, and what follows it."""
    size, start = der[1], 2
    if size & 0x80:
        start += size & 0x7F
        size = int.from_bytes(der[2:start], "big")
    return der[start : start + size], der[start + size :]


@dataclass(frozen=True)
class Header:
    """How a request is to be authenticated; what is given here can be wrong on purpose."""

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
    """One request; `key` is the agent's, needed with a header."""
    headers = {"Accept-Language": language} if language else {}
    content = b"" if body is None else json.dumps(body).encode()
    if header:
        used = header.key or key or fetch_key(host, port)
        aes = secrets.token_bytes(32)
        fields = {
            "auth": header.password,
            "ts": str(header.expires or int(time.time()) + 100),
            "uri": header.uri or uri,
            "keys": base64.b64encode(aes).decode(),
        }
        headers[header.name] = used.encrypt(json.dumps(fields))
        if content and header.encrypt_body:
            content = _encrypt_body(content, aes)
    connection = http.client.HTTPConnection(host, port, timeout=60)
    try:
        connection.request(method, uri, body=content or None, headers=headers)
        response = connection.getresponse()
        answer = response.read()
        return response.status, json.loads(answer) if answer else None
    finally:
        connection.close()


def _encrypt_body(content: bytes, aes: bytes) -> bytes:
    padder = padding.PKCS7(128).padder()
    encryptor = Cipher(algorithms.AES(aes[:16]), modes.CBC(aes[16:])).encryptor()
    padded = padder.update(content) + padder.finalize()
    return base64.b64encode(encryptor.update(padded) + encryptor.finalize())

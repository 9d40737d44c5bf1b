# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent's side of obshell's encryption: an RSA key of any size, and AES for bodies.

Libraries refuse the 512 bit keys of older agents, hence the arithmetic here. A simulator has no secrets to lose.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

PUBLIC_EXPONENT = 65537
SMALL_PRIMES = (3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47)


class DecryptionError(Exception):
    """What was sent is not encrypted for this key."""


def _is_prime(number: int) -> bool:
    if any(number % small == 0 for small in SMALL_PRIMES):
        return False
    odd, twos = number - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _round in range(24):
        power = pow(secrets.randbelow(number - 3) + 2, odd, number)
        if power in (1, number - 1):
            continue
        for _square in range(twos - 1):
            power = pow(power, 2, number)
            if power == number - 1:
                break
        else:
            return False
    return True


def _prime(bits: int) -> int:
    while True:
        candidate = secrets.randbits(bits) | (3 << (bits - 2)) | 1
        if candidate % PUBLIC_EXPONENT != 1 and _is_prime(candidate):
            return candidate


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def _der_integer(number: int) -> bytes:
    return _der(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


@dataclass(frozen=True)
class RsaKey:
    """An agent's key pair; `coefficient` is the inverse of its second prime in the arithmetic of the first."""

    first: int
    second: int
    coefficient: int

    @classmethod
    def generate(cls, bits: int) -> RsaKey:
        first = _prime(bits // 2)
        second = _prime(bits // 2)
        while second == first:
            second = _prime(bits // 2)
        return cls(first, second, pow(second, -1, first))

    @property
    def modulus(self) -> int:
        return self.first * self.second

    @property
    def size(self) -> int:
        return (self.modulus.bit_length() + 7) // 8

    @property
    def public_key(self) -> str:
        """Base64 of the DER of a PKCS#1 RSAPublicKey, as `GET /api/v1/secret` answers it."""
        sequence = _der(0x30, _der_integer(self.modulus) + _der_integer(PUBLIC_EXPONENT))
        return base64.b64encode(sequence).decode()

    def decrypt(self, encoded: str) -> bytes:
        """Undo base64 and PKCS#1 v1.5, one block of the key's size after the other."""
        try:
            ciphertext = base64.b64decode(encoded, validate=True)
        except ValueError as error:
            raise DecryptionError(str(error)) from error
        if not ciphertext or len(ciphertext) % self.size:
            raise DecryptionError("crypto/rsa: decryption error")
        blocks = (ciphertext[at : at + self.size] for at in range(0, len(ciphertext), self.size))
        return b"".join(map(self._decrypt_block, blocks))

    def _decrypt_block(self, block: bytes) -> bytes:
        plain = self._raise(int.from_bytes(block, "big")).to_bytes(self.size, "big")
        end = plain.find(b"\0", 2)
        if plain[:2] != b"\0\x02" or end < 10:
            raise DecryptionError("crypto/rsa: decryption error")
        return plain[end + 1 :]

    def _raise(self, number: int) -> int:
        """To the private exponent, by each prime alone and put together again: four times as fast as at once."""
        one, other = (
            pow(number % prime, pow(PUBLIC_EXPONENT, -1, prime - 1), prime) for prime in (self.first, self.second)
        )
        return other + (one - other) * self.coefficient % self.first * self.second


def decrypt_body(body: bytes, *, keys: bytes) -> bytes:
    """Undo base64 and AES-128-CBC; `keys` is the 16 byte key and the 16 byte initial vector."""
    try:
        decryptor = Cipher(algorithms.AES(keys[:16]), modes.CBC(keys[16:32])).decryptor()
        padded = decryptor.update(base64.b64decode(body, validate=True)) + decryptor.finalize()
        unpadder = padding.PKCS7(128).unpadder()
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError as error:
        raise DecryptionError(str(error)) from error

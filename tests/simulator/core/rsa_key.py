# Copyright (c) 2026, the oceanbase.obshell authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The RSA key pair of an agent, of any size.

cryptography refuses keys of 512 bits, so pycryptodome makes and uses them. cryptography makes larger keys in a tenth of
the time.
"""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass

from Crypto.Cipher import PKCS1_v1_5
from Crypto.PublicKey import RSA
from Crypto.Util.asn1 import DerSequence
from Crypto.Util.number import getPrime
from cryptography.hazmat.primitives.asymmetric import rsa

PUBLIC_EXPONENT = 65537


class DecryptionError(Exception):
    """The text was not encrypted for this key."""


@dataclass(frozen=True)
class RsaKey:
    """An agent's key pair."""

    pair: RSA.RsaKey

    @classmethod
    def generate(cls, bits: int) -> RsaKey:
        return cls(_generate_large(bits) if bits >= 1024 else _generate_small(bits))

    @property
    def public_key(self) -> str:
        """The PKCS#1 RSAPublicKey as base64 of DER, as `GET /api/v1/secret` returns it."""
        return base64.b64encode(DerSequence([self.pair.n, self.pair.e]).encode()).decode()

    def decrypt(self, encoded: str) -> bytes:
        """Decode base64, then decrypt PKCS#1 v1.5, one block of the size of the key after the other."""
        try:
            ciphertext = base64.b64decode(encoded, validate=True)
        except ValueError as error:
            raise DecryptionError(str(error)) from error
        size = self.pair.size_in_bytes()
        if not ciphertext or len(ciphertext) % size:
            raise DecryptionError("crypto/rsa: decryption error")
        blocks = (ciphertext[at : at + size] for at in range(0, len(ciphertext), size))
        return b"".join(map(self._decrypt_block, blocks))

    def _decrypt_block(self, block: bytes) -> bytes:
        try:
            plain = PKCS1_v1_5.new(self.pair).decrypt(block, None)
        except ValueError:
            plain = None
        if plain is None:
            raise DecryptionError("crypto/rsa: decryption error")
        return bytes(plain)


def _generate_large(bits: int) -> RSA.RsaKey:
    made = rsa.generate_private_key(PUBLIC_EXPONENT, bits).private_numbers()
    return RSA.construct((made.public_numbers.n, PUBLIC_EXPONENT, made.d, made.p, made.q))


def _generate_small(bits: int) -> RSA.RsaKey:
    modulus = order = 0
    while modulus.bit_length() != bits or math.gcd(order, PUBLIC_EXPONENT) != 1:
        first, second = getPrime(bits // 2), getPrime(bits // 2)
        modulus, order = first * second, (first - 1) * (second - 1)
    exponent = pow(PUBLIC_EXPONENT, -1, order)
    return RSA.construct((modulus, PUBLIC_EXPONENT, exponent, first, second))

"""What leaves a node: signed (Ed25519, RFC 8032) for anybody to check, sealed (age) to its receiver alone.

Keys travel as text: halves of an Ed25519 pair in base64, those of age as `AGE-SECRET-KEY-1...` and `age1...`.
"""

import base64
import binascii
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import pyrage
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.utils.translation import gettext as _

from aliquot.foundation.errors import Refused
from aliquot.foundation.secret_files import secret_of


def make_signing_key() -> str:
    """A new private half, 32 bytes in base64."""
    return _text(Ed25519PrivateKey.generate().private_bytes_raw())


def signing_key_of(home: Path, name: str = "node_signing") -> str:
    """The private half kept in `home/secrets/<name>`, made the first time."""
    return secret_of(home / "secrets" / name, make_signing_key)


def public_half(private: str) -> str:
    """The public half of a signing key, 32 bytes in base64. Raises Refused when it is no key."""
    return _text(_private(private).public_key().public_bytes_raw())


def sign(message: bytes, private: str) -> str:
    """The signature of these bytes, 64 bytes in base64. Raises Refused when `private` is no key."""
    return _text(_private(private).sign(message))


def is_signed(message: bytes, signature: str, public: str) -> bool:
    """Whether the owner of this public half signed exactly these bytes; what is malformed is not signed."""
    try:
        key = Ed25519PublicKey.from_public_bytes(_bytes(public))
        key.verify(_bytes(signature), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def make_seal_key() -> str:
    """A new private half for opening what is sealed."""
    return str(pyrage.x25519.Identity.generate())


def seal_key_of(home: Path, name: str = "node_seal") -> str:
    """The private half for opening, kept in `home/secrets/<name>`, made the first time."""
    return secret_of(home / "secrets" / name, make_seal_key)


def receiver_of(private: str) -> str:
    """The public half, to which others seal. Raises Refused when `private` is no key."""
    return str(_identity(private).to_public())


def seal(source: BinaryIO, target: BinaryIO, receivers: Sequence[str]) -> None:
    """Copy a stream so that only these receivers can read it. Raises Refused when one is no receiver."""
    pyrage.encrypt_io(source, target, [_recipient(one) for one in receivers])


def unseal(source: BinaryIO, target: BinaryIO, private: str) -> None:
    """Copy a sealed stream in the clear. Raises Refused when it was altered or sealed to somebody else.

    What was written before an altered place is found has been written: throw the target away then.
    """
    try:
        pyrage.decrypt_io(source, target, [_identity(private)])
    except (pyrage.DecryptError, OSError) as error:
        if (
            isinstance(error, OSError) and error.errno is not None
        ):  # the disk's own; pyrage's carries no number
            raise
        raise Refused(_("This cannot be opened with this key, or it was altered on its way.")) from error


def _private(text: str) -> Ed25519PrivateKey:
    try:
        return Ed25519PrivateKey.from_private_bytes(_bytes(text))
    except ValueError as error:
        raise Refused(_("A signing key is 32 bytes in base64; this is none.")) from error


def _identity(text: str) -> pyrage.x25519.Identity:
    try:
        return pyrage.x25519.Identity.from_str(text.strip())
    except pyrage.IdentityError as error:
        raise Refused(_("The key to open with begins with AGE-SECRET-KEY-1; this is none.")) from error


def _recipient(text: str) -> pyrage.x25519.Recipient:
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError as error:
        words = _("A receiver's key begins with age1; “%(begins)s” is none.")
        raise Refused(words % {"begins": text[:12]}) from error


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not base64") from error

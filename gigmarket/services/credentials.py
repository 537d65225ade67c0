"""Tokens, codes, PINs and signatures: made from the system's randomness, stored only as hashes."""

import base64
import hashlib
import hmac
import secrets

_SCRYPT = {"n": 2**14, "r": 8, "p": 1}


def new_token() -> str:
    """An opaque session token of 256 bits."""
    return "gm_" + secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is stored of a token: it has the entropy of a key, so a plain SHA-256 is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_login_code() -> str:
    """Six digits for one login."""
    return f"{secrets.randbelow(1_000_000):06d}"


def digest(*parts: str) -> str:
    """A name for a secret or a phone number that can stand in a key without showing it."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def hash_pin(pin: str) -> str:
    """A salted scrypt hash of a PIN (about 50 ms: call it off the event loop)."""
    salt = secrets.token_bytes(16)
    return salt.hex() + ":" + hashlib.scrypt(pin.encode(), salt=salt, **_SCRYPT).hex()


def pin_matches(pin: str, stored: str) -> bool:
    """Whether the PIN is the one whose hash is stored (about 50 ms: call it off the event loop)."""
    salt, _, wanted = stored.partition(":")
    found = hashlib.scrypt(pin.encode(), salt=bytes.fromhex(salt), **_SCRYPT).hex()
    return hmac.compare_digest(found, wanted)


def signature(key: str, *parts: str) -> str:
    """80 bits of an HMAC-SHA-256 as 16 upper-case letters and digits, for a code that a scanner types."""
    made = hmac.new(bytes.fromhex(key), "\x1f".join(parts).encode(), hashlib.sha256).digest()
    return base64.b32encode(made[:10]).decode()


def keyed_hash(key: str, *parts: str) -> str:
    """A name for something that could be guessed, such as an ID number: without the key nobody can try."""
    return hmac.new(bytes.fromhex(key), "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()

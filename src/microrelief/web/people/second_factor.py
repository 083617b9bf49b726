"""What allauth asks of us about second factors: secrets encrypted in the row, plain words, passkeys first."""

import base64
import os
from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.utils.safestring import SafeString

from microrelief.web.keyring import site_secret

NONCE_BYTES = 12


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of authenticator apps and recovery codes are readable only with the clinic's key file."""

    def encrypt(self, text: str) -> str:
        """What is kept in the row; matters where the database itself is not encrypted (PostgreSQL)."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(site_secret("second factor")).encrypt(nonce, text.encode(), None)
        return base64.b64encode(nonce + sealed).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret again."""
        raw = base64.b64decode(encrypted_text)
        return (
            AESGCM(site_secret("second factor")).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], None).decode()
        )

    def build_totp_svg(self, url: str) -> SafeString:
        """The drawing alone, to stand in the page itself: the policy allows no data: addresses."""
        drawing: str = super().build_totp_svg(url)
        return SafeString(drawing[drawing.index("<svg") :])  # drawn by us, the text is in its dots


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A passkey that signs in by itself, unless somebody wants it only beside the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "Name of this passkey"
        self.initial["name"] = "This device"
        self.initial["passwordless"] = True
        self.fields["passwordless"].label = "It may sign in without the password"
        self.fields["passwordless"].help_text = "The device itself asks for face, finger or PIN."

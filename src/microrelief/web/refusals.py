"""Every way the site says no, and with which status; pages and API answer alike.

Refusal                         sentence for the reader, status
├── NotAllowed             403  the role, or the key's scope, does not allow it
├── NotHere                404  no such record, or not for this person: the two look the same
├── EditConflict           409  somebody else changed the record; carries theirs and what was asked for
├── KeyReused              409  the same idempotency key with other content
├── LastOwner              409  the clinic would have no owner
├── LinkSpent              410  a one-time link that was used, withdrawn or is too old
├── NoConsent              409  nobody consented to this purpose, channel and photograph
├── ConsentEnded           410  the consent to it was refused or withdrawn, or ran out
├── OnHold                 409  the record is under legal hold, restricted or erased
├── ClockWentBack          409  the computer's clock stands earlier than what was recorded; nothing is signed
├── TooMany                429  too many photographs in a short time: wait, or have somebody confirm it
└── Unusable               422  what was given cannot be used
"""

from typing import Any


class Refusal(Exception):
    """Root of what is answered with a sentence."""

    status = 400
    title = "This cannot be done"

    @property
    def says(self) -> str:
        """The sentence, which ends with what to do next."""
        return str(self.args[0]) if self.args else "Go back and try again."


class NotAllowed(Refusal):
    """The role, or the key's scope, does not allow it."""

    status = 403
    title = "Your role does not allow this"


class NotHere(Refusal):
    """No such record, or not for this person: the two look the same."""

    status = 404
    title = "There is nothing here for you"


class EditConflict(Refusal):
    """Somebody else changed the record. `theirs` is the record as it stands, `yours` what was asked for."""

    status = 409
    title = "Somebody else changed this meanwhile"

    def __init__(self, theirs: Any, yours: dict[str, Any]) -> None:
        self.theirs, self.yours = theirs, yours
        super().__init__(
            "Both versions are shown: nothing of yours was saved yet, and nothing of theirs was lost."
        )


class KeyReused(Refusal):
    """The same idempotency key with other content."""

    status = 409
    title = "This was sent before with other content"


class LastOwner(Refusal):
    """The clinic would have no owner."""

    status = 409


class LinkSpent(Refusal):
    """A one-time link that was used, withdrawn or is too old."""

    status = 410
    title = "This link does not open any more"


class NoConsent(Refusal):
    """Nobody consented to this purpose, channel and photograph."""

    status = 409
    title = "There is no consent to this"


class ConsentEnded(Refusal):
    """The consent was refused or withdrawn, or ran out."""

    status = 410
    title = "The consent to this has ended"


class OnHold(Refusal):
    """The record is under legal hold, restricted or erased."""

    status = 409
    title = "This record is closed to this"


class ClockWentBack(Refusal):
    """The computer's clock stands earlier than what was recorded; nothing is signed."""

    status = 409
    title = "This computer's clock went backwards"


class TooMany(Refusal):
    """Too many photographs in a short time."""

    status = 429
    title = "Too many photographs at once"


class Unusable(Refusal):
    """What was given cannot be used."""

    status = 422
    title = "This cannot be used"

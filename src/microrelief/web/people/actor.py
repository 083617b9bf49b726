"""Whoever asks for something: a person, by a page, an API key or a command."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from microrelief.web.people.permissions import ROLES, Permission

if TYPE_CHECKING:
    from microrelief.web.people.models import Person

Door = Literal["page", "api", "command"]


@dataclass(frozen=True)
class Actor:
    """A person at one door. `scopes` is what an API key leaves of their rights; None takes nothing away."""

    person: "Person"
    door: Door = "page"
    scopes: frozenset[Permission] | None = None
    address: str = ""
    """The network address the request came from."""

    def may(self, permission: Permission) -> bool:
        """Whether the role, and the key if there is one, allow it at all."""
        if not self.person.is_active:
            return False
        allowed = permission in ROLES[self.person.role].may
        return allowed and (self.scopes is None or permission in self.scopes)

"""What an app may say a visit still needs, or has: a word to tap."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Need:
    """One thing of one visit, done or not."""

    says: str
    url: str
    done: bool = False
    begins: bool = False
    """Whether the address begins a page, so that it is pressed and not followed."""

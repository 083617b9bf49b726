"""All stories become one demonstration clinic, in the order of their moments."""

import heapq
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from importlib import resources
from itertools import count
from pathlib import Path

from django.utils import timezone

from microrelief.web.audit.trail import seal_all_versions_once
from microrelief.web.clinic.actions import change_clinic
from microrelief.web.consents.actions import bring_texts
from microrelief.web.demo_clinic.clock import Clock, set_back_to
from microrelief.web.demo_clinic.models import make_demo, note_seeded
from microrelief.web.demo_clinic.room import Room, Story
from microrelief.web.demo_clinic.staff import PASSWORD, STAFF
from microrelief.web.demo_clinic.stories import STORIES
from microrelief.web.people.actions import invite_person, join, owner_link
from microrelief.web.people.actor import Actor
from microrelief.web.people.models import Person

OPENED = timedelta(days=210)
"""How long ago the clinic is said to have opened."""


def login_lines() -> list[str]:
    """How a visitor signs in, to be printed."""
    others = ", ".join(email for role, _, email in STAFF if role != "owner")
    return [
        f"Sign in with {STAFF[0][2]} and the password: {PASSWORD}",
        f"The same password opens {others}. Everybody in this clinic is invented, every face is rendered.",
    ]


def seed_demo(
    say: Callable[[str], None],
    stories: Sequence[Callable[[Room], Story]] = STORIES,
    pictures: Path | None = None,
) -> None:
    """Write the demonstration into an empty data folder. Raises SettingsRefused."""
    now = timezone.now()
    pictures = pictures or Path(str(resources.files("microrelief.phantom") / "clinic"))
    with set_back_to(now - OPENED) as clock:
        mark = make_demo()
        seal_all_versions_once()
        bring_texts()
        room = _room(pictures, now)
        _in_turn(clock, room, stories, say)
    note_seeded(mark)


def _room(pictures: Path, now: datetime) -> Room:
    joined: dict[str, Person] = {}
    for role, name, email in STAFF:
        link = (
            owner_link()
            if role == "owner"
            else invite_person(by=Actor(joined["owner"]), role=role, email=email)
        )
        token = link.rstrip("/").rsplit("/", 1)[-1]
        joined[role] = join(token=token, name=name, email=email, password=PASSWORD)
    room = Room(
        owner=Actor(joined["owner"]),
        clinician=Actor(joined["clinician"]),
        assistant=Actor(joined["assistant"]),
        pictures=pictures,
        now=now,
    )
    change_clinic(by=room.owner, version=1, name="Demo clinic", phone="+00 000 0000")
    room.fills_the_shelf()
    return room


def _in_turn(
    clock: Clock, room: Room, stories: Sequence[Callable[[Room], Story]], say: Callable[[str], None]
) -> None:
    """Whose moment is the earliest goes on, until all have ended."""
    order = count()
    waiting: list[tuple[datetime, int, Story]] = []
    for begin in stories:
        story = begin(room)
        heapq.heappush(waiting, (next(story), next(order), story))
    month = ""
    while waiting:
        moment, _, story = heapq.heappop(waiting)
        if month != f"{moment:%B %Y}":
            month = f"{moment:%B %Y}"
            say(month)
        clock.to(moment)
        following = next(story, None)
        if following is not None:
            heapq.heappush(waiting, (following, next(order), story))

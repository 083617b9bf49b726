"""The app of consent."""

from functools import partial

from django.apps import AppConfig


class ConsentsConfig(AppConfig):
    """Registers the models under the label `consents`, and asks before a photograph is taken in."""

    name = "microrelief.web.consents"
    label = "consents"

    def ready(self) -> None:
        """Photographs stand below the ledger, so the ledger comes to them."""
        from microrelief.web.consents.actions import refuse_after_no  # noqa: PLC0415  apps must stand
        from microrelief.web.photos.actions import BEFORE_TAKING  # noqa: PLC0415

        BEFORE_TAKING.append(partial(refuse_after_no, purpose="record"))

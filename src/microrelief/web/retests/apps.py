"""The app of the clinic's repeatability."""

from django.apps import AppConfig


class RetestsConfig(AppConfig):
    """Registers the models under the label `retests`, and lets the background work take up what is added."""

    name = "microrelief.web.retests"
    label = "retests"

    def ready(self) -> None:
        """Whoever adds a pair does not wait for it."""
        from microrelief.web.retests.jobs import compare_later, conclude_later  # noqa: PLC0415  models first
        from microrelief.web.retests.signals import conclusion_asked, pair_added  # noqa: PLC0415

        pair_added.connect(compare_later, dispatch_uid="retests")
        conclusion_asked.connect(conclude_later, dispatch_uid="retests")

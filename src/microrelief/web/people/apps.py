"""The app of the accounts."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Registers the models under the label `people`, and what the trail records of sign-ins."""

    name = "microrelief.web.people"
    label = "people"

    def ready(self) -> None:
        """Listen to sign-ins."""
        from microrelief.web.people import recorded  # noqa: F401, PLC0415

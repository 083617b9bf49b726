"""The app of recoveries."""

from django.apps import AppConfig


class RecoveryConfig(AppConfig):
    """Registers models, templates and static files under the label `recovery`."""

    name = "microrelief.web.recovery"
    label = "recovery"

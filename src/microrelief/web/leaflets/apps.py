"""The app of the clinic's words on its sheets."""

from django.apps import AppConfig


class LeafletsConfig(AppConfig):
    """Registers the models under the label `leaflets`."""

    name = "microrelief.web.leaflets"
    label = "leaflets"

"""The app of custody."""

from django.apps import AppConfig


class CustodyConfig(AppConfig):
    """Registers the templates; it has no models."""

    name = "microrelief.web.custody"
    label = "custody"

"""The app of oversight."""

from django.apps import AppConfig


class OversightConfig(AppConfig):
    """Registers the templates; it has no models."""

    name = "microrelief.web.oversight"
    label = "oversight"

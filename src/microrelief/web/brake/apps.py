"""The app of the brake."""

from django.apps import AppConfig


class BrakeConfig(AppConfig):
    """Registers the model under the label `brake`."""

    name = "microrelief.web.brake"
    label = "brake"

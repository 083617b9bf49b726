"""The app of photographs."""

from django.apps import AppConfig


class PhotosConfig(AppConfig):
    """Registers the models under the label `photos`."""

    name = "microrelief.web.photos"
    label = "photos"

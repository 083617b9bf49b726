"""The app of photo sets."""

from django.apps import AppConfig


class PhotosetsConfig(AppConfig):
    """Registers the models under the label `photosets`."""

    name = "microrelief.web.photosets"
    label = "photosets"

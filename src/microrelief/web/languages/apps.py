"""The app of languages."""

from django.apps import AppConfig


class LanguagesConfig(AppConfig):
    """Has the filter of templates; no models."""

    name = "microrelief.web.languages"
    label = "languages"

"""The app of the shared templates and static files; it stands before allauth, so its templates win."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """Registers templates and static files."""

    name = "microrelief.web.pages"
    label = "pages"

"""The app of shared pages of questions."""

from django.apps import AppConfig


class SheetsConfig(AppConfig):
    """Registers models, templates and static files under the label `sheets`."""

    name = "microrelief.web.sheets"
    label = "sheets"

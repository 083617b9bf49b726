"""One line of the settings' index: what it is, what stands there now, where it is changed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SettingsRow:
    """Each app of SETTINGS_APPS offers its own, in `settings_rows.rows()`."""

    title: str
    says: str
    url: str
    now: str = ""
    """What holds at the moment, in a few words."""
    tone: str = ""
    """`good` or `warn`: a colour beside the words."""

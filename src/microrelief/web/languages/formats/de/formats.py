"""Days and numbers in German.

A template asks for a day as English writes it, `{{ day|date:"j F Y" }}`; Django looks that name up here
before it takes it as it stands. Each format that a template asks for has its German one.
"""

_GERMAN = {
    "j F Y": "j. F Y",
    "j F Y, H:i": "j. F Y, H:i",
    "j F Y, H:i T": "j. F Y, H:i T",
    "j F, H:i": "j. F, H:i",
    "j F, H:i T": "j. F, H:i T",
    "j F": "j. F",
    "j M": "j. M",
    "j M Y": "j. M Y",
    "j M Y, H:i": "j. M Y, H:i",
    "j M Y, H:i T": "j. M Y, H:i T",
    "j M Y, H:i:s": "j. M Y, H:i:s",
    "D j M": "D, j. M",
    "D j M Y": "D, j. M Y",
    "l j F": "l, j. F",
    "l j F Y": "l, j. F Y",
}
globals().update(_GERMAN)

DATE_FORMAT = "j. F Y"
DATETIME_FORMAT = "j. F Y, H:i"
TIME_FORMAT = "H:i"
SHORT_DATE_FORMAT = "d.m.Y"
# a browser's own field of a day sends and wants year-month-day in every language
DATE_INPUT_FORMATS = ["%Y-%m-%d", "%d.%m.%Y", "%d.%m.%y"]
TIME_INPUT_FORMATS = ["%H:%M", "%H:%M:%S"]
DATETIME_INPUT_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%d.%m.%Y %H:%M"]
DECIMAL_SEPARATOR = ","
THOUSAND_SEPARATOR = "\u202f"

"""An address becomes a QR code: an SVG drawing that stands in the page itself."""

from io import BytesIO

import segno
from django.utils.safestring import SafeString, mark_safe


def qr_code(address: str) -> SafeString:
    """Dark on light with the quiet border a camera needs; no style, no script, no namespace to load."""
    drawn = BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(
        drawn, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4, dark="#000", light="#fff"
    )
    return mark_safe(drawn.getvalue().decode())  # what segno drew, from an address of our own

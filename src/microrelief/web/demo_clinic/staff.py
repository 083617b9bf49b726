"""Who works in the demonstration clinic, and the password of all of them."""

PASSWORD = "nobody here is real"
"""Printed at the start, and shown where one signs in."""
STAFF = (
    ("owner", "Dr Demo Owner", "owner@demo.example"),
    ("clinician", "Dr Demo Clinician", "clinician@demo.example"),
    ("assistant", "Demo Assistant", "assistant@demo.example"),
    ("auditor", "Demo Auditor", "auditor@demo.example"),
)
"""Role, name, address; the owner first."""

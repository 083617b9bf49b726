"""A copy of everything that stands elsewhere, and its way back; both are proved before they count."""

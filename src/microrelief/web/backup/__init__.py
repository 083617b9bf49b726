"""A copy of everything that stands elsewhere, and its way back: taken while the site runs, proved before it counts."""

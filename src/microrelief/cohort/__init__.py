"""Many pairs at once: which photographs belong together, and what they say as a whole."""

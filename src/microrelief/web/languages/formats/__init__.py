"""How each language writes days, hours and numbers."""

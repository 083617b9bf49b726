"""History and examination on one page, what the rules find in it, and what the professional decided."""

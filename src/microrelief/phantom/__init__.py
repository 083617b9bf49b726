"""Skin of known truth, made independently of the code that measures it."""

"""Skin of known truth: makes the pairs of photographs on which every measurement is validated.

Optics (`skin_colour`), relief (`scars`, `skin_texture`), heads (`mesh`, `head`), light (`renderer`) and the
camera (`camera`) are made here without any of the measuring code, so that neither can share the other's
mistake.
"""

"""Colour separated into melanin, haemoglobin and shading; which pixels are skin at all."""

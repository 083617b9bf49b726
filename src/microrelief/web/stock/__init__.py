"""The clinic's own creams, devices and cartridges: offered where a session asks for them."""

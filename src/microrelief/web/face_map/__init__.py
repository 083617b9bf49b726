"""A drawn face to tap on: zones and free points, the patient's left and right; every tap also as a line of a list."""

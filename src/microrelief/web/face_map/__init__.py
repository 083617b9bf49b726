"""A drawn face to tap on: zones, free points, the patient's left and right; a tap is a line of a list."""

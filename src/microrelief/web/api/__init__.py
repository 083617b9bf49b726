"""The same actions for other programs, with keys that only ever take rights away."""

"""After the session: the patient's link and diary, red flags on the clinic's list, what was done."""

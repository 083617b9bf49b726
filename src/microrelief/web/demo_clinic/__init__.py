"""The demonstration clinic: ten invented people with rendered faces, written by the site's own actions.

models     the mark: a data folder is a demonstration from its first row on, or never
clock      the demonstration's past: the site's clock, set back while the past is written
room       what the stories need: staff, days, photographs, and the usual answers
stories    one person each, step by step
seed       all stories in the order of their moments, so that the trail runs forward
"""

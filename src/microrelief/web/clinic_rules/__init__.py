"""The clinic's own limits, laid over the rulebook's: each with a reason, a first day and the owner's name."""

"""An AlignedPair becomes a Change: relief, redness, pigment, each with its interval."""

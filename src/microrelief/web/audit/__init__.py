"""The trail: every write and every view of an original, chained, verified, and readable as sentences."""

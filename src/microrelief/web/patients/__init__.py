"""Who is treated, and by whom: identity, care team, search, merging, export, holds, erasure."""

"""What leaves the clinic or must stay: export, holds, restriction, erasure."""

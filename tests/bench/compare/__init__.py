"""`make bench-compare`: two trees' benches in turns, so that a machine that changes its pace meets both alike."""

"""Large tables by month: made ahead, looked at no further back than needed, put away and brought back."""

"""The minutes of a management review, on the screen and on paper."""

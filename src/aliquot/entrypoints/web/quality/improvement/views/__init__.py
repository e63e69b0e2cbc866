"""Views of improvement, by what they show."""

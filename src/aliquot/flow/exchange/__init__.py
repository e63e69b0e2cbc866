"""Documents of other systems to our records and back."""

"""Pictures and the printed report of a study."""

"""What control costs in the path of the results, and how soon a year of it is on the screen."""

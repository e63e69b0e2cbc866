"""What stands in the database and in a package."""

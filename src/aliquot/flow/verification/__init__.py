"""Rules that decide about results: versioned, validated, suspended at once; and the pure core of them."""

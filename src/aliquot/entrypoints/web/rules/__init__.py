"""Rules of automatic release: what holds, what is written, validated, approved, suspended."""

"""Reception's pages."""

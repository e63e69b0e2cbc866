"""Reception at the laboratory: boxes opened, tubes scanned, accepted or decided test by test."""

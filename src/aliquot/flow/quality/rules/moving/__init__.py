"""Patient-based real-time quality control: the running mean, median or spread of patients' own results."""

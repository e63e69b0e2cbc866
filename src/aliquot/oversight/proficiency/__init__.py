"""External quality assessment: rounds, receipt, results, scores, failures; of providers and of our own."""

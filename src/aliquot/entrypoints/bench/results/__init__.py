"""Results that release themselves: throughput, latency, back-test and memory, beside a bare pipeline."""

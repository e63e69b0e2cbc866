"""Measures the lines to the analyzers: decoding beside other libraries, durable receipts, host queries."""

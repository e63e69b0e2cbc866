"""One module for each kind of rule: evidence and plan in, reasons out."""

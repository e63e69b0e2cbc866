"""Many analyzers on bad lines while processes are killed; at the end every record is accounted for."""

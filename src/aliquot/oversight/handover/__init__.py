"""A region handed to another operator: exported, sealed, verified, restored, proven."""

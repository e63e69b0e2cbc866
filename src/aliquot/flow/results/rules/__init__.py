"""Pure decisions about a result: evidence in, verdict out."""

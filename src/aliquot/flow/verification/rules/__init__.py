"""Pure decisions about a result: a rule set is read, compiled into a book, and applied to evidence."""

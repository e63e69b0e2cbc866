"""Pure decisions of the federation: values in, values out."""

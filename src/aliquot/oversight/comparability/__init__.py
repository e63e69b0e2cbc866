"""Whether the network is one laboratory: the same result on every analyzer and in every hub."""

"""Running the network."""

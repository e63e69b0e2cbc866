"""What the exchange asks of our records, as far as the actor may see them."""

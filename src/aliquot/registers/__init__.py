"""What the flow looks up."""

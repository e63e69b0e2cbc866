"""The pages of quality, by what a person does there."""

"""The pages of external assessment, by what a person does there."""

"""The pages of rules, by what a person does there."""

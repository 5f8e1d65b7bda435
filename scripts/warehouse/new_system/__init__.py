"""Drafts the staging of an unknown export: which entity it is and what its columns mean, each guess marked as one.

- `profile`: what is in an export: its columns and samples of their values
- `mapping`: the guesses: entity, columns, and how their values have to be written
- `draft`: the guesses as sources file, models and their YAML
- `registration`: the new system in dbt_project.yml
"""

"""The settings of a run: which of five places each value comes from, and how that is told.

From the strongest to the weakest: flag, environment variable, profile, config file, default. `file` reads
`eqcbatch.yml`, `variables` names the variables, `precedence` lays both under click's own, `effective` says
what holds then, and `text` shows it. No secret leaves `effective`.
"""

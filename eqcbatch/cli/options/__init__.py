"""The options that several commands share, by what they concern.

A decorator of this room hands the command values, not texts: `--min-confidence` and `--confidences` arrive as
one ConfidenceRule, `--column` and its like as a SourceSpec.
"""

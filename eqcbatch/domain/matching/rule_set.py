"""The number of the rules that a verdict is made by.

It counts up with every change by which some name would be judged otherwise: rules, vocabulary, the parts of a
name. tests/data/rule_set.json holds verdicts of this one, and a test holds them against the rules.
"""

from __future__ import annotations

RULE_SET = 3

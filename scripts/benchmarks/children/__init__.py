"""What a benchmark starts as a process of its own: `python scripts/benchmarks/children/NAME.py`."""

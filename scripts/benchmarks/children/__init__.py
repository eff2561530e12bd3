"""What a benchmark starts as a process of its own: `python -m scripts.benchmarks.children.NAME`."""

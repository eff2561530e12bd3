"""The domain: what a name, a match, a rate and a forecast are. Pure: no I/O, no clock, no outside library.

Everything here is a decision over values, and says the same whenever it is asked. Whoever reads a file, a
clock or a network stands above, and hands in what was read.
"""

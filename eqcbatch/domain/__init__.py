"""The domain: what a name, a match, a rate and a forecast are. Pure: no I/O, no clock, no outside library.

Everything here is a decision over values, and says the same whenever it is asked: a rule that decides is
read, and tested, without a ledger or a server. Whoever reads a file, a clock or a network stands above, and
hands in what was read. All may come here; from here nobody goes up.

| room             | decides                                                                       |
|------------------|-------------------------------------------------------------------------------|
| `names`          | a name's key in the index, the question to EQC, which ids are none            |
| `coverage`       | what is known of a row before EQC is asked                                    |
| `rate_limit`     | when the next request may go                                                  |
| `matching`       | which of the companies that EQC offers is meant                               |
| `request_status` | what a queue is told of a request                                             |
| `forecast`       | how many requests, hours and nights are left                                  |
| `model`          | nothing: the values that cross the borders between rooms, and the closed sets |
"""

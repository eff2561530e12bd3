"""One module a command, each named after it: parse, call one use case, print."""

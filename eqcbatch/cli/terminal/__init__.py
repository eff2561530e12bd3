"""What a terminal, a log and a reader of stdout see of a command."""

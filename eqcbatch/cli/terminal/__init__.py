"""What a terminal, a log file, a browser and the reader of stdout see of a command.

Results go to stdout (`output`), everything else to stderr: the log (`logs`) above the bar of a drain
(`progress`). `watch` repeats the report, `html_page` writes it for a browser.
"""

"""The report as one HTML file: charts drawn by pure functions, laid out by templates.

`document` alone knows the template engine, which escapes everything; it takes what `figures`, `periods` and
`offers` make of the report and the timeline. `charts` and `scales` are the geometry, `labels` the words. The
page loads nothing from elsewhere.
"""

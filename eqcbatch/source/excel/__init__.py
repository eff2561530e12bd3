"""Excel's files: bytes to grids of cells, and cells into copies of which every other byte is kept.

`book` opens a workbook of either kind as a `Book` of `grid`: sheets by title, each a grid of rows.
`xlsx_book` reads the XML of an .xlsx row by row, `xls_book` has xlrd read an .xls; `number_formats` knows
what a number is shown as. `xlsx_edit` copies an .xlsx with more cells in some rows. What a column, a name or
a source is, this room does not know.

It promises bounded memory: no sheet is ever whole in it, and what unpacks to too much is refused.
"""

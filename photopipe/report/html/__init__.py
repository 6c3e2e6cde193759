"""The HTML report: one page that needs nothing beside it. Read `html_report.py` first.

In: what a listener is told. Out: a file. The page is `page.html`, filled in by Jinja, which escapes every value.
"""

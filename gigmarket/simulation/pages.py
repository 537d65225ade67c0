"""Reports as one HTML file each: tables and lists, no script, nothing loaded from anywhere."""

from collections.abc import Sequence
from html import escape

_HEAD = """<!doctype html>
<html lang="{lang}">
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; color: #111; background: #fff; max-width: 60rem;
  margin: 1rem auto; padding: 0 1rem }}
table {{ border-collapse: collapse; margin: 1rem 0 }}
th, td {{ padding: .3rem .8rem; border-bottom: 1px solid #ccc; text-align: right }}
th:first-child, td:first-child {{ text-align: left }}
svg {{ max-width: 100%; height: auto; display: block; margin: 1.5rem 0 }}
</style>
<h1>{title}</h1>
"""


def document(title: str, lang: str, parts: Sequence[str]) -> str:
    """A whole page of these parts, which are HTML; `title` is plain text."""
    return "\n".join([_HEAD.format(title=escape(title), lang=lang), *parts, "</html>\n"])


def grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of plain text."""
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def bullets(lines: Sequence[str]) -> str:
    """A list of plain text."""
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"

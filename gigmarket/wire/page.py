"""The tables of docs/protocol.md, made of the declarations; the words around them are written by hand."""

import re
from collections.abc import Iterable

from gigmarket.wire.closing import ADVICE, comes_back
from gigmarket.wire.events import KINDS, Kind
from gigmarket.wire.limits import LIMITS
from gigmarket.wire.ops import OPS
from gigmarket.wire.problems import TITLES


def tables() -> dict[str, str]:
    """Each made section of the page by its name, as Markdown."""
    return {
        "operations": _table(
            ("`op`", "who", "`args`", "`data` of the answer", "what it does"),
            (
                (
                    f"`{op.name}`",
                    ", ".join(sorted(op.roles)),
                    f"`{op.args.__name__}`",
                    f"`{op.answer.__name__}`",
                    op.does,
                )
                for op in OPS.values()
            ),
        ),
        "events": _table(
            ("`kind`", "reader: `data`", "what it says"),
            ((f"`{name}`", _readers(kind), kind.says) for name, kind in KINDS.items()),
        ),
        "closing": _table(
            ("code", "name", "come back?", "what to do"),
            (
                (str(int(code)), code.name.lower(), "yes" if comes_back(code) else "no", advice)
                for code, advice in ADVICE.items()
            ),
        ),
        "limits": _table(
            ("limit", "", "what happens there"),
            (
                (name.replace("_", " "), f"{limit.value} {limit.unit}", limit.says)
                for name, limit in LIMITS.items()
            ),
        ),
        "problems": _table(
            ("`type`", "status", "title"),
            ((f"`/problems/{code}`", str(status), title) for code, (status, title) in TITLES.items()),
        ),
    }


def filled(page: str, sections: dict[str, str]) -> str:
    """The page with these sections between their marks. Raises ValueError for a section it has no marks for."""
    for name, text in sections.items():
        marks = re.compile(rf"(<!-- made: {name} -->\n).*?(<!-- end: {name} -->)", re.DOTALL)
        place = marks.search(page)
        if place is None:
            raise ValueError(f"the page has no place for {name}")
        page = f"{page[: place.start()]}{place[1]}\n{text}\n\n{place[2]}{page[place.end() :]}"
    return page


def _readers(kind: Kind) -> str:
    """Who reads a kind, by the model of the data: `worker: A`, `employer, station: B`."""
    readers: dict[str, list[str]] = {}
    for owner, model in kind.data.items():
        readers.setdefault(model.__name__, []).append(owner)
    return "<br>".join(f"{', '.join(owners)}: `{name}`" for name, owners in readers.items())


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (heads, ("---",) * len(heads), *rows)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)

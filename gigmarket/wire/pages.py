"""Lists over HTTP: items and the cursor of the next page."""

from typing import Generic, TypeVar

from gigmarket.wire.values import View

T = TypeVar("T")


class Page(View, Generic[T]):
    """One page of a list; `next` is null on the last one."""

    items: list[T]
    next: str | None

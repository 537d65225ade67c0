"""Steps of a long command, for whoever waits: bars on a terminal, lines in a log."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

Tell = Callable[[str, int, int], None]


@contextmanager
def steps_on(console: Console) -> Iterator[Tell]:
    """What a command tells of its steps: `tell(step, done, total)`, a total of 0 while it is not known.

    A bar per step where the console can move its cursor, else one line for each step that is done.
    """
    if not console.is_interactive:
        yield lambda step, done, total: _line(console, step, done, total)
        return
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console) as bars:
        tasks: dict[str, TaskID] = {}

        def show(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=None)
            bars.update(tasks[step], completed=done, total=total or None)

        yield show


def _line(console: Console, step: str, done: int, total: int) -> None:
    if 0 < total == done:
        console.print(f"{step}: {total:,}", highlight=False, markup=False, soft_wrap=True)

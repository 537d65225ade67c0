"""The demo's live table in the terminal."""

from typing import Any

from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from gigmarket.demo.city import Population
from gigmarket.travel.streets import ATTRIBUTION

PAGES = (
    ("/worker/", "手机 worker's phone"),
    ("/employer/", "用工方 employer"),
    ("/kiosk/", "驿站一体机 kiosk"),
    ("/staff/", "大屏 staff"),
    ("/demo/inbox", "短信 text messages"),
)


def live_table(address: str, line: dict[str, Any], population: Population) -> Group:
    """One picture of the market from the people's newest counters (empty before the first)."""
    source = ATTRIBUTION if population.roads else "positions approximate 位置为近似值"
    return Group(_links(address, source), _counters(line, population.workers), _recent(line))


def _links(address: str, source: str) -> Panel:
    links = Table.grid(padding=(0, 2))
    for path, name in PAGES:
        links.add_row(name, Text(f"{address}{path}", style=f"link {address}{path}"))
    return Panel(links, title="gigmarket demo", subtitle=f"{source} · Ctrl-C 结束 to end", border_style="cyan")


def _counters(line: dict[str, Any], workers: int) -> Table:
    table = Table(expand=True)
    for name in ("在线待派 available", "工单 gigs", "名额 seats", "派单/秒 offers/s", "接单 accepts"):
        table.add_column(name, justify="right")
    for name in ("满员率 fill rate", "p50 / p99", "签到 check-ins", "结清 settled"):
        table.add_column(name, justify="right")
    delays = line.get("post_to_offer_ms", {})
    table.add_row(
        f"{line.get('available', 0)} / {workers}",
        str(line.get("gigs", 0)),
        str(line.get("seats", 0)),
        f"{line.get('offers_per_s', 0.0):.1f}",
        str(line.get("accepts", 0)),
        f"{line.get('fill_rate', 0.0):.0%}",
        f"{_ms(delays.get('p50'))} / {_ms(delays.get('p99'))}",
        str(line.get("check_ins", 0)),
        str(line.get("settled", 0)),
    )
    return table


def _recent(line: dict[str, Any]) -> Panel:
    rows = Table.grid(padding=(0, 2))
    for at, who, what in line.get("recent", []):
        rows.add_row(Text(at, style="dim"), who, what)
    return Panel(rows, title="刚刚 just now", border_style="dim")


def _ms(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} ms"

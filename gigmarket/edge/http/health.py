"""/healthz (this process), /readyz (what it needs), /metrics."""

import asyncio

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, generate_latest

from gigmarket.domain.errors import CannotStore, Unavailable
from gigmarket.edge.auth import TheMarket
from gigmarket.edge.ws.hub import Hub
from gigmarket.live.connection import LiveDown, LiveFull, prove_writable
from gigmarket.services.market import Market
from gigmarket.store.transaction import Transaction
from gigmarket.wire.codec import encode

router = APIRouter(tags=["operations"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(market: TheMarket) -> Response:
    """SQL and the live store, which are read and written; whether a dispatcher keeps its index; which travel
    times are in use.

    503 while SQL is away; while it can only be read, or without the live store, the service goes on in part and
    says so.
    """
    sql, (live, dispatcher) = await _sql(market), await _live(market)
    parts = {"sql": sql, "travel": market.router.state, "dispatcher": dispatcher, "live": live}
    whole = sql == live == "ok" and dispatcher != "down"
    return Response(
        encode({"status": "ok" if whole else "degraded", **parts}),
        503 if sql == "down" else 200,
        media_type="application/json",
    )


@router.get("/metrics")
async def metrics(request: Request, market: TheMarket) -> Response:
    """Prometheus text: sockets of this process, the market's seats and offers. No labels that name a person."""
    hub: Hub = request.app.state.hub
    registry = CollectorRegistry()
    Gauge("gigmarket_sockets", "Open WebSockets of this process", registry=registry).set(hub.open_sockets)
    Gauge("gigmarket_streams", "Sockets with a running stream", registry=registry).set(hub.connected)
    tasks = len(asyncio.all_tasks())
    Gauge("gigmarket_tasks", "Tasks of this process's event loop", registry=registry).set(tasks)
    Counter("gigmarket_sql_reads", "SQL reads of this process", registry=registry).inc(market.store.reads)
    turned_away = Counter("gigmarket_turned_away", "Told to ask for a ticket a little later", registry=registry)
    turned_away.inc(hub.arrivals.turned_away)
    open_gigs, free, pending = await market.store.read(_counts)
    Gauge("gigmarket_open_gigs", "Gigs that still recruit", registry=registry).set(open_gigs)
    Gauge("gigmarket_free_seats", "Seats nobody has or holds", registry=registry).set(free)
    Gauge("gigmarket_pending_offers", "Offers waiting for an answer", registry=registry).set(pending)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


async def _sql(market: Market) -> str:
    try:
        await market.store.read(_epoch)
    except Unavailable:
        return "down"
    try:
        await market.store.prove_writable()
    except CannotStore as error:
        return f"cannot write: {error.reason}"
    except Unavailable as error:
        return f"cannot write: {error.detail}"
    return "ok"


async def _live(market: Market) -> tuple[str, str]:
    """The live store, and the dispatcher as it is seen there."""
    try:
        dispatcher = "ok" if await market.index.epoch() else "starting"
        return await _live_writable(market), dispatcher
    except LiveDown:
        return "down", "down"


async def _live_writable(market: Market) -> str:
    try:
        await prove_writable(market.redis)
    except LiveFull as error:
        return f"cannot write: {error}"
    return "ok"


def _epoch(tx: Transaction) -> str:
    return tx.streams.epoch()


def _counts(tx: Transaction) -> tuple[int, int, int]:
    demand = tx.reports.demand()
    return len(demand), sum(row.free_seats for row in demand), tx.reports.pending_offers()

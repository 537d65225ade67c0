"""/healthz (this process), /readyz (what it needs), /metrics."""

import asyncio
from contextlib import suppress

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, generate_latest

from gigmarket.domain.errors import CannotStore, Unavailable
from gigmarket.edge.auth import TheMarket
from gigmarket.edge.ws.hub import Hub
from gigmarket.live.connection import LiveDown, LiveFull, prove_writable
from gigmarket.live.lease import DISPATCHER, holder_of
from gigmarket.services.market import Market
from gigmarket.store.transaction import Transaction
from gigmarket.telephone.gateway import Gateway
from gigmarket.wire.codec import encode

router = APIRouter(tags=["operations"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz")
async def readyz(market: TheMarket) -> Response:
    """SQL and the live store, which are read and written; whether this market's dispatcher leads and keeps the
    index (`foreign`: another market's does, under the same city's name); which travel times are in use; and of
    each gateway whether this process's newest try failed, and when one did last.

    503 while SQL is away; while it can only be read, or without the live store or a gateway, the service goes
    on in part and says so.
    """
    sql, chosen = await _sql(market)
    live, dispatcher = await _live(market, chosen)
    if sql == "down" and dispatcher == "foreign":
        # SQL alone knows whose it is.
        dispatcher = "unknown"
    gateways = _gateways(market)
    parts = {"sql": sql, "travel": market.router.state, "dispatcher": dispatcher, "live": live}
    parts |= {f"{name}_gateway": _tried(gateway) for name, gateway in gateways.items()}
    failing = any(gateway.failing for gateway in gateways.values())
    whole = sql == live == "ok" and dispatcher in ("ok", "starting") and not failing
    return Response(
        encode({"status": "ok" if whole else "degraded", **parts}),
        503 if sql == "down" else 200,
        media_type="application/json",
    )


@router.get("/metrics")
async def metrics(request: Request, market: TheMarket) -> Response:
    """Prometheus text: sockets of this process and what it asked of gateways; the market's seats and offers,
    unless SQL is away. No labels that name a person.
    """
    hub: Hub = request.app.state.hub
    registry = CollectorRegistry()
    Gauge("gigmarket_sockets", "Open WebSockets of this process", registry=registry).set(hub.open_sockets)
    Gauge("gigmarket_streams", "Sockets with a running stream", registry=registry).set(hub.connected)
    tasks = len(asyncio.all_tasks())
    Gauge("gigmarket_tasks", "Tasks of this process's event loop", registry=registry).set(tasks)
    Counter("gigmarket_sql_reads", "SQL reads of this process", registry=registry).inc(market.store.reads)
    turned_away = Counter("gigmarket_turned_away", "Told to ask for a ticket a little later", registry=registry)
    turned_away.inc(hub.arrivals.turned_away)
    _count_gateways(market, registry)
    # What this process counts itself is wanted most while a store is away.
    with suppress(Unavailable):
        open_gigs, free, pending = await market.store.read(_counts)
        Gauge("gigmarket_open_gigs", "Gigs that still recruit", registry=registry).set(open_gigs)
        Gauge("gigmarket_free_seats", "Seats nobody has or holds", registry=registry).set(free)
        Gauge("gigmarket_pending_offers", "Offers waiting for an answer", registry=registry).set(pending)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def _count_gateways(market: Market, registry: CollectorRegistry) -> None:
    taken = Counter("gigmarket_gateway_taken", "Sent to a gateway", ["gateway"], registry=registry)
    failed = Counter("gigmarket_gateway_failed", "Not taken by a gateway", ["gateway"], registry=registry)
    for name, gateway in _gateways(market).items():
        taken.labels(name).inc(gateway.taken)
        failed.labels(name).inc(gateway.failed)


async def _sql(market: Market) -> tuple[str, str | None]:
    """SQL, and which dispatcher it knows as the newest."""
    try:
        chosen = await market.store.read(_chosen, market.rules.city)
    except Unavailable:
        return "down", None
    try:
        await market.store.prove_writable()
    except CannotStore as error:
        return f"cannot write: {error.reason}", chosen
    except Unavailable as error:
        return f"cannot write: {error.detail}", chosen
    return "ok", chosen


async def _live(market: Market, chosen: str | None) -> tuple[str, str]:
    """The live store, and the dispatcher as it is seen there."""
    try:
        leads = await holder_of(market.redis, market.keys.lease(DISPATCHER))
        dispatcher = _seen(await market.index.epoch(), leads, chosen)
        await prove_writable(market.redis)
    except LiveFull as error:
        # It cannot renew its lease either.
        return f"cannot write: {error}", "down"
    except LiveDown:
        return "down", "down"
    return "ok", dispatcher


def _gateways(market: Market) -> dict[str, Gateway]:
    found = {"sms": market.sms.gateway, "call": market.calls}
    return {name: gateway for name, gateway in found.items() if gateway is not None}


def _tried(gateway: Gateway) -> str:
    """`ok` also before the first try: a message only to try it would cost money, and go to somebody."""
    state = "failing" if gateway.failing else "ok"
    return f"{state}, failed last at {gateway.failed_at:%Y-%m-%dT%H:%M:%SZ}" if gateway.failed_at else state


def _seen(epoch: str | None, leads: str | None, chosen: str | None) -> str:
    if leads is None:
        # One that fell or stands still leaves its index behind when its lease ends.
        return "down" if epoch else "starting"
    if leads != chosen:
        return "foreign"
    return "ok" if epoch else "starting"


def _chosen(tx: Transaction, city: str) -> str | None:
    return tx.fence.holder(city)


def _counts(tx: Transaction) -> tuple[int, int, int]:
    demand = tx.reports.demand()
    return len(demand), sum(row.free_seats for row in demand), tx.reports.pending_offers()

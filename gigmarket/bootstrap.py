"""Puts a market together from settings: the one place where parts meet."""

import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from statistics import mean

from sqlalchemy.exc import OperationalError

from gigmarket.domain.errors import Unavailable
from gigmarket.domain.geo import Mode, Position
from gigmarket.domain.ids import StationId
from gigmarket.domain.policy import Policy
from gigmarket.domain.trade import TRADES
from gigmarket.live.bus import Bus
from gigmarket.live.codes import Codes
from gigmarket.live.connection import connect
from gigmarket.live.inbox import Inbox
from gigmarket.live.index import Index
from gigmarket.live.keys import Keys
from gigmarket.live.limits import Limits
from gigmarket.live.seats import Seats
from gigmarket.live.tickets import Tickets
from gigmarket.services import stations
from gigmarket.services.market import Market
from gigmarket.services.road_advice import RoadRules
from gigmarket.services.rules import Rules
from gigmarket.services.sms import ConsoleSms, GatewaySms, InboxSms, SmsSender
from gigmarket.settings import Settings
from gigmarket.store import schema
from gigmarket.store.database import Store
from gigmarket.store.stations import Station
from gigmarket.store.transaction import Transaction
from gigmarket.telephone.gateway import Gateway
from gigmarket.travel.geocoder import Geocoder
from gigmarket.travel.guarded import GuardedRouter
from gigmarket.travel.places import CITY_CENTRE, load_stations
from gigmarket.travel.router import Router
from gigmarket.travel.straight_line import StraightLine
from gigmarket.travel.streets import DamagedRoads
from gigmarket.travel.streets import load as load_streets
from gigmarket.wire.meta import MetaView
from gigmarket.wire.values import PositionView

log = logging.getLogger("gigmarket.bootstrap")


def open_market(settings: Settings, modes: tuple[Mode, ...] | None = None, inline: bool = False) -> Market:
    """A process's market. `settings.redis_url` is set by now: given, or that of the embedded server.

    `modes` is for processes that ask for travel times: those to be ready at once, possibly none. The others
    need not load the road graphs. `inline` is for processes that do one thing at a time (see Store).

    Raises SchemaOutdated when the database has another schema, ValueError for settings that make no sense.
    """
    if settings.redis_url is None:
        raise ValueError("GIGMARKET_REDIS_URL is not set and no embedded store was started")
    calls = _gateway(settings, settings.call_gateway, "call")
    store = Store(settings.the_database_url(), inline=inline, phones_hidden=calls is not None)
    schema.check(store.engine)
    redis = connect(settings.redis_url, settings.redis_cluster)
    keys = Keys(settings.city)
    inbox = Inbox(redis, keys)
    router, policy = _router(settings, modes), settings.the_policy()
    skew = timedelta(seconds=settings.clock_skew_s)
    return Market(
        rules=_rules(settings, policy, router),
        store=store,
        redis=redis,
        keys=keys,
        index=Index(redis, keys, [trade.code for trade in TRADES]),
        bus=Bus(redis, keys),
        tickets=Tickets(redis, keys),
        codes=Codes(redis, keys),
        limits=Limits(redis, keys, settings.limited()),
        seats=Seats(redis, keys),
        inbox=inbox,
        sms=_sms(settings, inbox),
        calls=calls,
        router=router,
        clock=lambda: datetime.now(UTC) + skew,
        meta=MetaView(
            city=settings.city_name,
            city_en=settings.city_name_en,
            demo=settings.demo,
            circle_s=policy.circle_s,
            least_wage_fen_per_hour=policy.least_wage_fen_per_hour,
            longest_gig_s=policy.longest_gig_s,
            estimated=router.estimated,
            calls_hide_phones=calls is not None,
            center=PositionView.of(_centre(settings)),
            telephone=settings.telephone,
        ),
        geocoder=Geocoder(settings.geocoder, _centre(settings)) if settings.geocoder else None,
        recordings=settings.data / "recordings" if settings.record else None,
    )


def _sms(settings: Settings, inbox: Inbox) -> SmsSender:
    gateway = _gateway(settings, settings.sms_gateway, "SMS")
    if gateway is not None:
        return GatewaySms(gateway)
    return InboxSms(inbox) if settings.demo else ConsoleSms()


def _gateway(settings: Settings, url: str | None, name: str) -> Gateway | None:
    if url is None:
        return None
    token = settings.gateway_token.get_secret_value() if settings.gateway_token else None
    return Gateway(url, token, name)


def _router(settings: Settings, modes: tuple[Mode, ...] | None) -> Router:
    """Roads where there are any; roads that are no good, or fail later, cost the roads, not the service."""
    if modes is None or settings.roads is None:
        return StraightLine()
    # scipy's graphs take a moment to load, and most processes never route.
    from gigmarket.travel.roads import RoadRouter

    try:
        return GuardedRouter(RoadRouter(settings.roads, warm=modes), StraightLine())
    except (DamagedRoads, MemoryError) as error:
        log.warning(
            "%s; travel times are estimated from straight lines",
            str(error) or "not enough memory for the roads",
        )
        return StraightLine()


def _rules(settings: Settings, policy: Policy, router: Router) -> Rules:
    """The city's rules, with the roads where there are any, so that positions off them are told."""
    if isinstance(router, GuardedRouter):
        return RoadRules(city=settings.city, policy=policy, roads=router)
    return Rules(city=settings.city, policy=policy)


def _centre(settings: Settings) -> Position:
    """Where a map begins: the middle of the given streets or stations, or the first city's."""
    if settings.roads is not None:
        with suppress(DamagedRoads):
            return load_streets(settings.roads).centre()
    if settings.stations is None:
        return CITY_CENTRE
    places = [place.position for place in load_stations(settings.stations)]
    return Position(mean(place.lat for place in places), mean(place.lng for place in places))


def prepare_database(settings: Settings, only_first: bool = False) -> None:
    """Bring SQLite to this program's schema and enter the city's stations, `only_first` where there are none;
    PostgreSQL must be migrated.

    Raises SchemaOutdated, BadStations, Unavailable.
    """
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = Store(settings.the_database_url())
    try:
        if settings.embeds_sqlite():
            schema.migrate(store.engine)
        schema.check(store.engine)
        store.transact_now(_enter_stations, settings, only_first)
    except OperationalError as error:
        raise Unavailable(f"the database cannot be used: {str(error.orig).splitlines()[0]}") from error
    finally:
        store.close()


def _enter_stations(tx: Transaction, settings: Settings, only_first: bool) -> None:
    places = load_stations(settings.stations)
    listed = {StationId(place.code) for place in places}
    known = {station.id for station in tx.stations.all()}
    # Without a list of its own a start says nothing about stations that came from one.
    if known and (only_first or (settings.stations is None and not known <= listed)):
        return
    stations.enter(
        tx,
        [
            Station(
                StationId(place.code),
                place.name_zh,
                place.name_en,
                place.town_zh,
                place.address,
                place.position,
                place.approximate,
                place.level,
                place.village_zh,
            )
            for place in places
        ],
    )
    gone, kept = tx.stations.leave_only(listed)
    if gone:
        log.info("stations that are not on the list any more are gone: %s", ", ".join(gone))
    if kept:
        log.warning(
            "stations that are not on the list stay, for desks, kiosks or people belong to them: %s",
            ", ".join(kept),
        )

"""Only in the demo: the inbox of text messages, and ready-made people to log in as."""

from datetime import timedelta, timezone
from html import escape

from fastapi import APIRouter, Request, Response

from gigmarket.edge.auth import TheMarket, set_cookie
from gigmarket.services import accounts, showcase
from gigmarket.wire.codec import encode
from gigmarket.wire.people import AccountView, DemoLoginIn

router = APIRouter(prefix="/demo", include_in_schema=False)

_PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>演示短信</title>
<link rel="icon" type="image/svg+xml" href="/static/ui/leaf.svg">
<link rel="stylesheet" href="/static/ui/tokens.css"><link rel="stylesheet" href="/static/ui/components.css">
<link rel="stylesheet" href="/static/ui/bar.css">
<header class="bar"><img src="/static/ui/leaf.svg" alt=""><div class="name">零工市场演示
<small lang="en">Gig market demo</small></div></header>
<main class="page"><h1>演示短信 <small class="muted" lang="en">Demo text messages</small></h1>
<p class="muted">最近十分钟发出的短信，新的在上。</p>
<p class="row"><a class="button primary" href="/demo/inbox">刷新</a>
<a class="button plain" href="/">返回</a></p>{items}</main></html>"""
_ITEM = """<li class="card"><p class="row apart"><b>{to}</b><time class="muted">{at:%H:%M:%S}</time></p>
<p>{text}</p></li>"""
_CITY_TIME = timezone(timedelta(hours=8))


@router.post("/login")
async def log_in(body: DemoLoginIn, request: Request, response: Response, market: TheMarket) -> AccountView:
    """A session of the demo's person in this role."""
    account = await market.transact(showcase.person, market.rules, body.role)
    session = await market.transact(accounts.open_session, market.rules, account)
    set_cookie(request, response, session)
    return session.account


@router.get("/inbox")
async def inbox(market: TheMarket) -> Response:
    """The latest messages as a page."""
    items = "".join(
        _ITEM.format(to=escape(text.masked_phone), at=text.at.astimezone(_CITY_TIME), text=escape(text.text))
        for text in await market.inbox.latest(50)
    )
    shown = f'<ul class="stack">{items}</ul>' if items else '<p class="empty">还没有短信</p>'
    return Response(_PAGE.format(items=shown), media_type="text/html; charset=utf-8")


@router.get("/inbox.json")
async def inbox_json(market: TheMarket) -> Response:
    """The latest messages as JSON."""
    texts = await market.inbox.latest(50)
    items = [{"to": text.masked_phone, "text": text.text, "at": text.at} for text in texts]
    return Response(encode({"items": items, "next": None}), media_type="application/json")

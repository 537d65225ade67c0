"""Only in the demo: the inbox of text messages, and ready-made people to log in as."""

from html import escape

from fastapi import APIRouter, Request, Response

from gigmarket.edge.auth import TheMarket, set_cookie
from gigmarket.services import accounts, showcase
from gigmarket.wire.codec import encode
from gigmarket.wire.people import AccountView, DemoLoginIn

router = APIRouter(prefix="/demo", include_in_schema=False)

_PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1"><title>演示短信</title>
<h1>演示短信 <small lang="en">demo text messages</small></h1>
<p>最近十分钟发出的短信，新的在上。<a href="/demo/inbox">刷新</a> · <a href="/">返回</a></p>
<ul>{items}</ul></html>"""


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
        f"<li>{text.at:%H:%M:%S} UTC · {escape(text.masked_phone)} · <strong>{escape(text.text)}</strong></li>"
        for text in await market.inbox.latest(50)
    )
    return Response(_PAGE.format(items=items or "<li>还没有短信</li>"), media_type="text/html; charset=utf-8")


@router.get("/inbox.json")
async def inbox_json(market: TheMarket) -> Response:
    """The latest messages as JSON."""
    texts = await market.inbox.latest(50)
    items = [{"to": text.masked_phone, "text": text.text, "at": text.at} for text in texts]
    return Response(encode({"items": items, "next": None}), media_type="application/json")

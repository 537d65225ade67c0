"""Sending text messages: to the console, to the demo's inbox, or through the city's gateway."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from gigmarket.domain.errors import Unavailable
from gigmarket.live.inbox import Inbox
from gigmarket.telephone.gateway import Gateway, GatewayDown
from gigmarket.wire.values import masked_phone


@dataclass(frozen=True, slots=True)
class Text:
    """A message in words, and as the name of a template with its values, which carriers ask for."""

    template: str
    values: Mapping[str, str]
    words: str


def login_code(code: str, minutes: int) -> Text:
    """The one-time code of a login."""
    values = {"code": code, "minutes": str(minutes)}
    return Text("login_code", values, f"您的验证码是 {code}，{minutes} 分钟内有效。")


class SmsSender(Protocol):
    """Whoever delivers a text message to a phone."""

    @property
    def gateway(self) -> Gateway | None:
        """The city's gateway, where messages go through one."""
        ...

    async def send(self, phone: str, text: Text, now: datetime) -> None:
        """Deliver `text`. Raises Unavailable."""
        ...


class ConsoleSms:
    """Prints to the server's console, with the number masked: for a first look without a gateway."""

    gateway = None

    async def send(self, phone: str, text: Text, now: datetime) -> None:
        """One line on stderr."""
        sys.stderr.write(f"[sms] {masked_phone(phone)}: {text.words}\n")
        sys.stderr.flush()


class InboxSms:
    """Keeps messages for ten minutes where the demo's inbox page shows them."""

    gateway = None

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def send(self, phone: str, text: Text, now: datetime) -> None:
        """Push to the inbox, with the number masked."""
        await self._inbox.push(masked_phone(phone), text.words, now)


class GatewaySms:
    """The city's own gateway, which knows its carrier's templates."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway

    async def send(self, phone: str, text: Text, now: datetime) -> None:
        """One request. Raises Unavailable when the message was not taken."""
        body = {"phone": phone, "template": text.template, "values": dict(text.values), "text": text.words}
        try:
            await self.gateway.tell(body)
        except GatewayDown as error:
            raise Unavailable(
                f"the message could not be sent ({error}): try again in a moment", 10.0
            ) from error

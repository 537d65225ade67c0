"""Sending text messages. A city plugs in its own gateway; two senders come with the server."""

import sys
from datetime import datetime
from typing import Protocol

from gigmarket.live.inbox import Inbox
from gigmarket.wire.values import masked_phone


class SmsSender(Protocol):
    """Whoever delivers a text message to a phone."""

    async def send(self, phone: str, text: str, now: datetime) -> None:
        """Deliver `text`, or raise: the caller reports Unavailable."""
        ...


class ConsoleSms:
    """Prints to the server's console, with the number masked: for a first look without a gateway."""

    async def send(self, phone: str, text: str, now: datetime) -> None:
        """One line on stderr."""
        sys.stderr.write(f"[sms] {masked_phone(phone)}: {text}\n")
        sys.stderr.flush()


class InboxSms:
    """Keeps messages for ten minutes where the demo's inbox page shows them."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    async def send(self, phone: str, text: str, now: datetime) -> None:
        """Push to the inbox, with the number masked."""
        await self._inbox.push(masked_phone(phone), text, now)

"""A new name reaches those who have the old one on their screen, and no further than they may see."""

from gigmarket.domain.actor import Actor
from gigmarket.domain.geo import Mode
from gigmarket.domain.ids import Role
from gigmarket.services import names, offers, presence
from gigmarket.wire.people import ProfileIn
from tests.services.town import Town, at_kiosk

HALL = "zs-city"


def renamed(town: Town, actor: Actor) -> list[dict[str, object]]:
    """What this person was told of new names."""
    return [data["person"] for kind, data in town.told(actor) if kind == "person.renamed"]


def test_an_employer_reads_the_whole_name_only_of_whom_they_hired(town: Town) -> None:
    clerk, hired_by, asked_by, stranger = (
        town.person(Role.CLERK, "协管", HALL),
        *(town.employer() for _ in range(3)),
    )
    worker = at_kiosk(town.worker(available=False), HALL, "a kiosk")
    town.do(presence.go_available, worker, None, None, True)
    first = town.offer(town.gig(hired_by), worker)
    assignment = town.do(offers.accept, town.rules, worker.worker(), first).assignment.id
    second = town.offer(town.gig(asked_by, starts_in_h=9), worker)
    asked = ProfileIn(trades=["porter"], mode=Mode.EBIKE, name="李小红")
    town.do(presence.set_profile, worker.worker(), asked)
    nothing: dict[str, object] = {"assignments": [], "offers": [], "gigs": []}
    assert renamed(town, hired_by) == [{**nothing, "name": "李小红", "assignments": [assignment]}]
    assert renamed(town, asked_by) == renamed(town, clerk) == [{**nothing, "name": "李*", "offers": [second]}]
    assert renamed(town, stranger) == []
    assert town.told(clerk)[-1][1]["worker"]["name"] == "李*"


def test_workers_read_an_employers_new_name_on_their_cards(town: Town) -> None:
    employer, other = town.employer(), town.employer()
    worker, stranger = town.worker(), town.worker()
    held, offered = town.gig(employer), town.gig(employer, starts_in_h=9)
    town.do(offers.accept, town.rules, worker.worker(), town.offer(held, worker))
    town.offer(offered, worker)
    town.offer(town.gig(other), stranger)
    told = town.do(names.rename_employer, employer, "药都集团")
    assert told.name == "药都集团"
    assert town.kinds(employer)[-1] == "me.updated"
    (card,) = renamed(town, worker)
    assert (card["name"], card["gigs"]) == ("药都集团", sorted([held, offered]))
    assert renamed(town, stranger) == []


def test_the_same_name_again_is_no_news(town: Town) -> None:
    worker, employer = town.worker(name="张三"), town.employer()
    town.offer(town.gig(employer), worker)
    before = len(town.events)
    asked = ProfileIn(trades=["porter"], mode=Mode.EBIKE, name="张三")
    town.do(presence.set_profile, worker.worker(), asked)
    assert renamed(town, employer) == []
    assert "person.renamed" not in town.kinds(worker, before)

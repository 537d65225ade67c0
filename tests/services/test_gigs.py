"""Who sees whom on a gig."""

from gigmarket.domain.ids import Role
from gigmarket.services import gigs, offers
from tests.services.town import Town


def test_only_its_employer_sees_by_name_who_comes_to_a_gig(town: Town) -> None:
    """Staff see a name for a reason that is kept (`account.reveal`), and nowhere without one."""
    employer, staff, worker = town.employer(), town.person(Role.STAFF), town.worker(name="李四")
    gig = town.gig(employer)
    town.do(offers.accept, town.rules, worker.worker(), town.offer(gig, worker))
    to_employer, to_staff = (
        town.see(gigs.detail, actor, gig).assignments[0].worker for actor in (employer, staff)
    )
    assert to_employer.name == "李四"
    assert to_employer.phone is not None
    assert (to_staff.name, to_staff.phone) == ("李*", None)

"""Many at once: deadlines, double clicks, and the last places."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from consult.database import now
from consult.events.models import TeamRole
from consult.extensions import db
from consult.inputs import service as inputs
from consult.registration.models import RegistrationStatus
from tests.drills import Drill, Seen
from tests.drills.browser import Answer, Browser
from tests.drills.ground import Ground
from tests.factories import NOON, RegistrationFactory, TeamMemberFactory, UserFactory, a_call, an_event


def _keep() -> None:
    db.session.info.clear()  # nobody is woken
    db.session.commit()


def deadline(ground: Ground) -> Seen:
    number = 120
    with ground.town() as site:
        with site.app.app_context():
            event = an_event()
            call = a_call(event)
            field, slug, asked = call.question_set.questions[0].field, event.slug, call.id
            drafts = []
            for _ in range(number):
                author = UserFactory()
                draft = inputs.begin(call, organisation=None, by=author, at=NOON)
                drafts.append((Browser(site, author), f"/events/{slug}/inputs/submissions/{draft.ref}/edit"))
            closes_at = now() + timedelta(seconds=4)
            event.inputs_closes_at = closes_at
            _keep()
            db.session.remove()
        begin = time.monotonic() + (closes_at - now()).total_seconds() - 2.5

        def send(place: int) -> Answer:
            browser, path = drafts[place]
            # spread over some seconds around the deadline: no condition to wait for but the time itself
            time.sleep(max(0.0, begin + place * 5 / number - time.monotonic()))
            return browser.post(path, {field: "Listen to us"})

        with ThreadPoolExecutor(24) as pool:
            answers = list(pool.map(send, range(number)))
        accepted = sum(answer.status == 302 for answer in answers)
        rows = site.number("SELECT count(*) FROM submission WHERE status = 'submitted' AND call_id = %s", asked)
        late = site.number("SELECT count(*) FROM submission WHERE call_id = %s AND submitted_at > %s", asked, closes_at)
        receipts = site.number("SELECT count(*) FROM message WHERE template LIKE 'inputs/%%'")
        refused = [answer for answer in answers if answer.status != 302]
        kept = sum(answer.status == 422 and "Listen to us" in answer.text for answer in refused)
    holds = accepted == rows == receipts and not late and kept == len(refused) and 0 < accepted < number
    return Seen(
        holds,
        f"{accepted} accepted, {rows} rows, {receipts} receipts, {late} late; {kept} of {len(refused)} texts kept",
    )


def triple_click(ground: Ground) -> Seen:
    with ground.town() as site:
        with site.app.app_context():
            event = an_event()
            registration = RegistrationFactory(category=event.categories[0], status=RegistrationStatus.PENDING)
            officers = [TeamMemberFactory(event=event, role=TeamRole.MANAGER).user for _ in range(2)]
            browsers = [Browser(site, officer) for officer in officers]
            slug, ref = event.slug, registration.ref
            days = [day.ref for day in registration.days]
            _keep()
            db.session.remove()
        path = f"/workspace/events/{slug}/registrations/{ref}/approve"
        about = f"registration:{ref}"
        data = {"approve-message": "", "approve-days": days}
        with ThreadPoolExecutor(6) as pool:
            answers = list(pool.map(lambda place: browsers[place % 2].post(path, data), range(6)))
        statuses = Counter(answer.status for answer in answers)
        decided = site.number(
            "SELECT count(*) FROM audit_entry WHERE action = 'registration.approved' AND about = %s", about
        )
        mails = site.number("SELECT count(*) FROM message WHERE about = %s", about)
    holds = statuses == {302: 6} and decided == 1 and mails == 1
    return Seen(holds, f"decided {decided} time, {mails} mail; answers {dict(statuses)}")


def last_places(ground: Ground) -> Seen:
    with ground.town() as site:
        with site.app.app_context():
            event = an_event(capacity=5)
            event.categories[0].allows_individuals = True
            guests = [UserFactory(name=f"Ana Guest{number}") for number in range(12)]
            browsers = [Browser(site, guest) for guest in guests]
            slug, category, number = event.slug, event.categories[0].ref, event.id
            _keep()
            db.session.remove()
        path = f"/events/{slug}/registrations/myself?category={category}"

        def register(place: int) -> Answer:
            data = {
                "given_name": "Ana", "family_name": f"Guest{place}", "email": "a@example.org", "country": "KE",
                "stakeholder": "media", "modality": "in_person", "visibility": "public", "gender": "woman",
            }  # fmt: skip
            return browsers[place].post(path, data)

        with ThreadPoolExecutor(12) as pool:
            answers = list(pool.map(register, range(12)))
        statuses = dict(
            site.rows("SELECT status, count(*) FROM registration WHERE event_id = %s GROUP BY status", number)
        )
        codes = Counter(answer.status for answer in answers)
    return Seen(statuses == {"confirmed": 5, "waitlisted": 7}, f"{statuses}; answers {dict(codes)}")


DRILLS = [
    Drill("120 submissions around a deadline", "exact; refused texts are kept", deadline),
    Drill("two officers, each three clicks", "decided once; nobody sees an error", triple_click),
    Drill("12 people for 5 places", "5 and 7", last_places),
]

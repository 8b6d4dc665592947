"""One of several processes whose people all want a place: `-m tests.live.contend URL FOLDER SLUG FIRST COUNT`."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from consult import create_app
from consult.database import begin_writing, now
from consult.events.queries import event_at
from consult.extensions import db, limiter
from consult.reference.stakeholders import StakeholderCategory
from consult.registration.service.registering import Entry, register
from consult.words import Modality
from tests.conftest import config_for

THREADS = 4


def contend(url: str, folder: Path, slug: str, first: int, count: int) -> None:
    app = create_app(config_for(url, folder))
    limiter.enabled = False

    def want(number: int) -> None:
        with app.app_context():
            begin_writing()
            event = event_at(slug)
            entry = Entry(
                given_name="Ana", family_name=str(number), email=f"p{number}@example.org", country="KE",
                stakeholder=StakeholderCategory.MEDIA, category=event.categories[0], modality=Modality.IN_PERSON,
            )  # fmt: skip
            register(event, entry, by=None, at=now())
            db.session.commit()
            db.session.remove()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(want, range(first, first + count)))


if __name__ == "__main__":
    contend(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))

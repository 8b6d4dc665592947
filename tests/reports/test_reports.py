"""The summary report: its sentence, its page, its file."""

import io

import pytest
from docx import Document
from flask_babel import force_locale

from consult.attendance.figures import Figures, Row
from consult.attendance.service.door import check_in
from consult.attendance.service.summaries import compile_summary, request_summary
from consult.errors import InvalidEntry
from consult.extensions import db
from consult.reports import queries, service
from tests.factories import NOON, RegistrationFactory, SecretariatFactory, UserFactory, a_call, an_event


def figures(in_person, online, *, both=0, days=1, countries=2, organisations=0):
    whole = Row("all", in_person, online, in_person + online - both)
    return Figures(
        registered=9,
        confirmed=9,
        confirmed_came=0,
        first_time=Row("first_time", 0, 0, 0),
        speakers=Row("speakers", 0, 0, 0),
        attended=whole,
        both=both,
        days=[Row(f"2027-03-{17 + n}", 1, 1, 2) for n in range(days)],
        countries=[Row(code, 1, 0, 1) for code in ("KE", "NP")[:countries]],
        regions=[Row("africa", 1, 0, 1)][:countries],
        organisations=[Row(f"Org {n}", 1, 0, 1) for n in range(organisations)] + [Row("", 1, 0, 1)],
    )


@pytest.mark.parametrize(
    ("counted", "said"),
    [
        (figures(0, 0), "No attendance has been recorded for this meeting."),
        (
            figures(1, 0, countries=1),
            "1 participant took part in “Annual meeting”, in person. They came from 1 country in 1 region.",
        ),
        (
            figures(3, 4, both=2, days=2),
            "5 participants took part in “Annual meeting”: 3 in person and 4 online, of whom 2 did both. "
            "There were 2 on 17 March and 2 on 18 March. They came from 2 countries in 1 region.",
        ),
        (
            figures(2, 1, organisations=1),
            "3 participants took part in “Annual meeting”: 2 in person and 1 online. "
            "They represented 1 organisation from 2 countries in 1 region.",
        ),
    ],
)
def test_the_overview_says_the_numbers(session, counted, said):
    with force_locale("en"):
        assert queries.overview(an_event(), counted) == said


@pytest.fixture
def event(session):
    event = an_event()
    a_call(event)
    by = SecretariatFactory()
    check_in(RegistrationFactory(category=event.categories[0]), event.days[0], by=by, at=NOON)
    compile_summary(request_summary(event, by=by, at=NOON), event, at=NOON)
    service.write(event, introduction="**Well** held.", next_steps="- Meet again\n", hides_small=False, by=by)
    db.session.commit()
    return event


def test_a_report_is_public_once_published_and_not_after_it_is_taken_back(event, client, as_):
    by = as_(SecretariatFactory())
    for step, there in (("publish", True), ("unpublish", False)):
        by.post(f"/workspace/events/{event.slug}/report/{step}")
        page = client.get(f"/events/{event.slug}/outcomes").text
        assert ("1 participant took part" in page) is there
        assert (client.get(f"/events/{event.slug}/outcomes/report.docx").status_code == 200) is there


def test_the_file_says_what_the_page_says(event, as_):
    response = as_(SecretariatFactory()).get(f"/workspace/events/{event.slug}/report/report.docx")
    document = Document(io.BytesIO(response.data))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    for words in ("1 participant took part", "Meet again", "Sessions", "Written inputs received"):
        assert words in text
    cells = [[cell.text for cell in row.cells] for table in document.tables for row in table.rows]
    assert ["Kenya", "1", "0", "1"] in cells
    assert ["Comments", "0"] in cells


def test_a_report_without_figures_is_not_published(session):
    with pytest.raises(InvalidEntry):
        service.publish(an_event(), by=UserFactory())


def test_small_numbers_are_hidden_unless_it_is_said_otherwise(event, as_):
    client, path = as_(SecretariatFactory()), f"/workspace/events/{event.slug}/report"
    assert "fewer than 5" not in client.get(path).text
    client.post(path, data={"introduction": "", "next_steps": "", "hides_small": "y"})
    assert "fewer than 5" in client.get(path).text

"""What was written, as files."""

from collections.abc import Iterator

from flask_babel import gettext as _

from consult.inputs import queries
from consult.inputs.models import Call
from consult.spreadsheets import csv_lines


def as_csv(call: Call) -> Iterator[str]:
    """One line a submission, the last version of each, one column a question."""
    questions = call.question_set.questions
    titles = [
        _("Reference"),
        _("In the name of"),
        _("Author"),
        _("Version"),
        _("Sent at (UTC)"),
        *(q.text for q in questions),
    ]
    rows = (
        [
            submission.number,
            submission.in_the_name_of,
            submission.author.name,
            submission.versions[-1].number,
            submission.versions[-1].submitted_at.strftime("%Y-%m-%d %H:%M"),
            *(question.said(submission.versions[-1].answers) for question in questions),
        ]
        for submission in queries.all_submissions_to(call)
    )
    return csv_lines(titles, rows)

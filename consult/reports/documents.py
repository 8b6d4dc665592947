"""The summary report as a DOCX that the secretariat can go on editing."""

import io

from docx import Document
from docx.document import Document as DocumentType
from flask_babel import gettext as _

from consult.attendance.exports import cells
from consult.reports.queries import Contents


def docx(contents: Contents) -> bytes:
    """Overview, tables of attendance, sessions, inputs received, next steps."""
    event, report = contents.event, contents.report
    document = Document()
    document.core_properties.title = _("Summary report: %(event)s", event=event.title)
    document.core_properties.author = ""
    document.add_heading(event.title, 0)
    document.add_heading(_("Overview"), 1)
    for text in (contents.overview, report.introduction if report else ""):
        _paragraphs(document, text)
    if contents.figures:
        _attendance(document, contents)
    document.add_heading(_("Sessions"), 1)
    for session in contents.sessions:
        document.add_heading(" ".join(filter(None, (session.number, session.title))), 2)
        for question in session.guiding_questions:
            document.add_paragraph(question, style="List Bullet")
        for part in session.parts:
            document.add_paragraph(part, style="List Bullet")
    document.add_heading(_("Written inputs received"), 1)
    _table(document, [_("Call"), _("Received")], [[call.title, str(number)] for call, number in contents.inputs])
    document.add_heading(_("Next steps"), 1)
    _paragraphs(document, report.next_steps if report else "")
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _attendance(document: DocumentType, contents: Contents) -> None:
    document.add_heading(_("Attendance"), 1)
    for title, first, rows in contents.tables:
        document.add_heading(title, 2)
        titles = [first, _("In person"), _("Online"), _("All, each person once")]
        _table(document, titles, [[label, *map(str, cells(row))] for label, row in rows])


def _table(document: DocumentType, titles: list[str], rows: list[list[str]]) -> None:
    table = document.add_table(rows=1, cols=len(titles), style="Table Grid")
    for cell, title in zip(table.rows[0].cells, titles, strict=True):
        cell.text = title
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text


def _paragraphs(document: DocumentType, text: str) -> None:
    for line in text.splitlines():
        if line.strip():
            is_item = line.lstrip().startswith(("- ", "* "))
            document.add_paragraph(line.strip().lstrip("-* "), style="List Bullet" if is_item else None)

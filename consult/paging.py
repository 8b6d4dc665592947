"""Long lists, a page at a time, by key: page 900 costs what page 1 costs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select

from consult.database import Model
from consult.extensions import db

R = TypeVar("R", bound=Model)
PAGE = 50


@dataclass(frozen=True)
class Page(Generic[R]):
    """Some rows of a list, and the key after which the next page begins (None on the last)."""

    rows: Sequence[R]
    next: int | None


def page(
    statement: Select[R], model: type[R], *, after: int | None, newest_first: bool = False, limit: int = PAGE
) -> Page[R]:
    """The rows of `statement` that follow the row number `after`, in the order they were made, or the reverse."""
    if after is not None:
        statement = statement.where(model.id < after if newest_first else model.id > after)
    order: Any = model.id.desc() if newest_first else model.id
    rows = db.session.scalars(statement.order_by(order).limit(limit + 1)).all()
    return Page(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


def each(statement: Select[R], model: type[R], *, batch: int = 500) -> Iterator[R]:
    """All rows of `statement`, read in batches and forgotten after use, so that a long export takes no more memory."""
    after: int | None = None
    while True:
        rows = page(statement, model, after=after, limit=batch)
        yield from rows.rows
        for row in rows.rows:
            db.session.expunge(row)
        if rows.next is None:
            return
        after = rows.next

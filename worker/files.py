"""Tasks of files."""

from consult.database import now
from consult.extensions import celery, db
from consult.files import service


@celery.task(name="worker.files.sweep")  # type: ignore[untyped-decorator]
def sweep() -> None:
    """Remove bytes that no row knows, and files whose time is over."""
    service.sweep(at=now())
    db.session.commit()

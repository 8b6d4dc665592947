"""The extensions, made once here and bound in `create_app`."""

import time
from datetime import datetime
from enum import Enum as PythonEnum
from typing import Any

import structlog
from celery import Celery
from flask_babel import Babel
from flask_compress import Compress
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from kombu.transport import TRANSPORT_ALIASES
from sqlalchemy import JSON, Enum, MetaData
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.orm import registry as Registry

from consult.columns import UTCDateTime

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def _values(enum: type[PythonEnum]) -> list[str]:
    return [member.value for member in enum]


def word(enum: type[PythonEnum], **more: Any) -> Enum:
    """The column type of a fixed choice; a second column of the same kind in a table needs a `name` of its own."""
    return Enum(
        enum, native_enum=False, length=32, values_callable=_values, create_constraint=True, validate_strings=True,
        **more,
    )  # fmt: skip


_TYPES: dict[Any, Any] = {
    datetime: UTCDateTime(),
    dict[str, Any]: JSON(),
    list[str]: JSON(),
    PythonEnum: word(PythonEnum),
}


class _Base(DeclarativeBase):
    registry = Registry(metadata=MetaData(naming_convention=NAMES), type_annotation_map=_TYPES)


class _Celery(Celery):  # type: ignore[misc]  # Celery is untyped
    """Tells workers to look now, and keeps nobody waiting who does.

    A broker that does not answer within a second costs one request that second; then it is left alone for a while.
    Nothing is lost: a task only says “look now”, and beat says it too.
    """

    LEFT_ALONE = 10.0  # seconds
    _left_alone_until = 0.0

    def connection_for_write(self, url: str | None = None, **kwargs: Any) -> Any:
        soon = {
            "socket_timeout": 1, "socket_connect_timeout": 1, "max_retries": 0, "interval_start": 0,
            "connect_retries_timeout": 1,
        }  # fmt: skip
        options = {**soon, **(kwargs.pop("transport_options", None) or {})}
        return super().connection_for_write(url, transport_options=options, connect_timeout=1, **kwargs)

    def send_task(self, name: str, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("producer") is not None:  # beat, which has a connection of its own and patience
            return super().send_task(name, *args, **kwargs)
        if time.monotonic() < self._left_alone_until:
            return None
        try:
            return super().send_task(name, *args, **kwargs)
        except Exception as error:  # a broker fails in many ways, and none is the caller's concern
            self._left_alone_until = time.monotonic() + self.LEFT_ALONE
            log.warning("the broker is away; beat will wake the worker", task=name, error=type(error).__name__)
            return None


log = structlog.get_logger()
db = SQLAlchemy(model_class=_Base, session_options={"expire_on_commit": False})
migrate = Migrate(render_as_batch=True)
babel = Babel()
csrf = CSRFProtect()
compress = Compress()
limiter = Limiter(get_remote_address)
TRANSPORT_ALIASES["filesystem"] = "consult.broker:Transport"  # kombu's own can hand out half a message
celery = _Celery("consult", set_as_current=False)  # `worker` adds the tasks; here they are only known by name

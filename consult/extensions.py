"""The extensions, made once here and bound in `create_app`."""

from datetime import datetime
from enum import Enum as PythonEnum
from typing import Any

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


db = SQLAlchemy(model_class=_Base, session_options={"expire_on_commit": False})
migrate = Migrate(render_as_batch=True)
babel = Babel()
csrf = CSRFProtect()
compress = Compress()
limiter = Limiter(get_remote_address)
TRANSPORT_ALIASES["filesystem"] = "consult.broker:Transport"  # kombu's own can hand out half a message
celery = Celery("consult", set_as_current=False)  # `worker` adds the tasks; here they are only known by name

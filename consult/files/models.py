"""What is known of a stored file; its bytes are in the storage that FILES_URL names."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from consult.database import Model, new_secret


class StoredFile(Model):
    """`expires_at`: when it is forgotten by itself, where that is so."""

    __tablename__ = "stored_file"

    key: Mapped[str] = mapped_column(String(40), unique=True, default=new_secret)
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int]
    stored_at: Mapped[datetime]
    expires_at: Mapped[datetime | None] = mapped_column(index=True)

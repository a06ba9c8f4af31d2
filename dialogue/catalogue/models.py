"""Tables: the datasets that the municipality has published."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from dialogue.catalogue.rules import Format, Frequency, Licence
from dialogue.core.db import Base, choice


class Dataset(Base):
    """A dataset (dcat:Dataset) with the one address where it can be fetched."""

    __tablename__ = "dataset"
    __table_args__ = (UniqueConstraint("municipality_id", "url"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality_id: Mapped[int] = mapped_column(ForeignKey("municipality.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    #: Landing page or access address (dcat:landingPage, dcat:accessURL), http or https.
    url: Mapped[str] = mapped_column(String(1000))
    licence: Mapped[Licence] = mapped_column(choice(Licence))
    format: Mapped[Format] = mapped_column(choice(Format))
    update_frequency: Mapped[Frequency] = mapped_column(choice(Frequency))
    published_at: Mapped[datetime]

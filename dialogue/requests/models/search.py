"""Tables: the search index, the same on both engines.

A question is turned into words that occur (SearchWord, SearchPart), each word leads to the requests it counts most in
(SearchPosting), and what a request holds (SearchDocument) gives its exact rank. Only public requests are in it;
requests/operations/indexing.py writes it with the request.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from dialogue.core.db import Base
from dialogue.core.search.columns import SAMPLED, WORD, Impacts

_CLUSTERED: dict[str, Any] = {"sqlite_with_rowid": False}


class SearchWord(Base):
    """A word that occurs in some request, with its stem in each language, å ä ö folded."""

    __tablename__ = "search_word"
    __table_args__ = (
        Index("ix_search_word_swedish", "swedish", "word"),
        Index("ix_search_word_english", "english", "word"),
        _CLUSTERED,
    )

    word: Mapped[str] = mapped_column(WORD, primary_key=True)
    swedish: Mapped[str] = mapped_column(WORD)
    english: Mapped[str] = mapped_column(WORD)


class SearchPart(Base):
    """Each end of a word's folded Swedish stem: where the later parts of a compound are found."""

    __tablename__ = "search_part"
    __table_args__ = (_CLUSTERED,)

    part: Mapped[str] = mapped_column(WORD, primary_key=True)
    word: Mapped[str] = mapped_column(WORD, primary_key=True)


class SearchPosting(Base):
    """That a word stands in a request, and what it counts for there. The key is the order in which it is read."""

    __tablename__ = "search_posting"
    __table_args__ = (
        Index("ix_search_posting_sample", "word", sqlite_where=text(SAMPLED), postgresql_where=text(SAMPLED)),
        _CLUSTERED,
    )

    word: Mapped[str] = mapped_column(WORD, primary_key=True)
    impact: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    request_id: Mapped[int] = mapped_column(primary_key=True)


class SearchDocument(Base):
    """All that the index knows of a request: its words and their impacts."""

    __tablename__ = "search_document"
    __table_args__ = (
        Index("ix_search_document_sample", "request_id", sqlite_where=text(SAMPLED), postgresql_where=text(SAMPLED)),
    )

    request_id: Mapped[int] = mapped_column(ForeignKey("data_request.id"), primary_key=True, autoincrement=False)
    words: Mapped[Mapping[str, int]] = mapped_column(Impacts)

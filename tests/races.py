"""Doing things at the same moment, for tests of what must hold when people are quick."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from flask import Flask
from sqlalchemy.orm import Session, sessionmaker

from dialogue.web.extensions import db

T = TypeVar("T")


def sessions_of(app: Flask) -> sessionmaker[Session]:
    """Makes sessions outside any request."""
    with app.app_context():
        return db.sessionmaker


def side_by_side(app: Flask, *acts: Callable[[Session], T]) -> list[T | Exception]:
    """What each of `acts` answers, or raises, when all begin at the same moment, each in a transaction of its own."""
    maker, start = sessions_of(app), Barrier(len(acts))

    def run(act: Callable[[Session], T]) -> T | Exception:
        with maker() as session:
            start.wait()
            try:
                answer = act(session)
                session.commit()
            except Exception as error:
                return error
            return answer

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))

"""The Flask extensions, made once and bound to an app in `app.py`."""

from flask_alembic import Alembic
from flask_babel import Babel
from flask_login import LoginManager
from flask_sqlalchemy_lite import SQLAlchemy

from dialogue.core.db import Base

db = SQLAlchemy()
alembic = Alembic(run_mkdir=False, command_name="", metadatas=Base.metadata)
babel = Babel()
login_manager = LoginManager()
# Sessions live on the server, so a note of the browser's address in the cookie would add nothing but cookies.
login_manager.session_protection = None

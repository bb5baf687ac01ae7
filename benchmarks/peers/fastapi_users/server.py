"""fastapi-users as its documentation has it: tokens in Redis, people in SQLite by SQLAlchemy; on granian."""

import os
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import redis.asyncio
from fastapi import Depends, FastAPI
from fastapi_users import BaseUserManager, FastAPIUsers, UUIDIDMixin, schemas
from fastapi_users.authentication import AuthenticationBackend, BearerTransport, RedisStrategy
from fastapi_users.db import SQLAlchemyBaseUserTableUUID, SQLAlchemyUserDatabase
from granian import Granian
from granian.constants import Interfaces
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """Tables."""


class User(SQLAlchemyBaseUserTableUUID, Base):
    """A person."""


engine = create_async_engine(f"sqlite+aiosqlite:///{os.environ['DATABASE']}")
new_session = async_sessionmaker(engine, expire_on_commit=False)
connection = redis.asyncio.from_url(os.environ["REDIS_URL"], decode_responses=True)


async def database() -> AsyncGenerator[SQLAlchemyUserDatabase[User, uuid.UUID]]:
    """Give each request a session."""
    session: AsyncSession
    async with new_session() as session:
        yield SQLAlchemyUserDatabase(session, User)


class UserManager(UUIDIDMixin, BaseUserManager[User, uuid.UUID]):
    """As in the documentation."""


async def manager(
    users: SQLAlchemyUserDatabase[User, uuid.UUID] = Depends(database),
) -> AsyncGenerator[UserManager]:
    """Give each request a manager."""
    yield UserManager(users)


def strategy() -> RedisStrategy[User, uuid.UUID]:
    """Keep tokens in Redis, so that they can be revoked."""
    return RedisStrategy(connection, lifetime_seconds=3600)


backend = AuthenticationBackend("redis", BearerTransport(tokenUrl="login"), strategy)
users = FastAPIUsers[User, uuid.UUID](manager, [backend])


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Make the tables."""
    async with engine.begin() as begun:
        await begun.run_sync(Base.metadata.create_all)
    yield


app = FastAPI(lifespan=lifespan)
app.include_router(users.get_auth_router(backend))
app.include_router(users.get_register_router(schemas.BaseUser[uuid.UUID], schemas.BaseUserCreate))
app.include_router(
    users.get_users_router(schemas.BaseUser[uuid.UUID], schemas.BaseUserUpdate), prefix="/users"
)

if __name__ == "__main__":
    Granian(
        f"{__file__.rsplit('/', 1)[-1].removesuffix('.py')}:app",
        address="127.0.0.1",
        port=int(os.environ["PORT"]),
        interface=Interfaces.ASGI,
    ).serve()

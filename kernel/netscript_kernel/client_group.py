"""Clients of several services together: found by the environment, with one pool of connections.

::

    class Services(ServiceGroup):
        users = service(UsersV1)
        orders = service(OrdersV1, name="orders-api", timeout=timedelta(seconds=3))


    async with Services(os.environ) as services:
        page = await services.users.list(limit=20)  # typed: OffsetPage[User]

Needs the extra ``client``.
"""

from collections.abc import Mapping
from types import MappingProxyType, TracebackType
from typing import Any, ClassVar, Generic, Self, TypeGuard, TypeVar, Unpack, overload

import httpx

from netscript_kernel.client import connect, http_client
from netscript_kernel.client_options import ClientOptions, joined_options
from netscript_kernel.contracts import Contract
from netscript_kernel.discovery import check_service_name, find_address
from netscript_kernel.errors import ConfigurationError
from netscript_kernel.settings import Environment, gather_faults

C = TypeVar("C", bound=Contract)


class ServiceSlot(Generic[C]):
    """One service of a group; :func:`service` makes it.

    Attributes:
        contract: What it speaks.
        name: By which it is found.
        options: Of its client, over those of the group.
    """

    def __init__(self, contract: type[C], name: str, options: ClientOptions) -> None:
        self.contract = contract
        self.name = name
        self.options = options

    def __set_name__(self, owner: type["ServiceGroup"], name: str) -> None:
        """Learn the attribute's name; the service is called so where it was given no name."""
        if hasattr(ServiceGroup, name):
            raise TypeError(f"{owner.__name__}.{name}: a group has this attribute itself; choose another one")
        self.name = self.name or name.replace("_", "-")
        try:
            check_service_name(self.name)
        except ValueError as error:
            raise TypeError(f"{owner.__name__}.{name}: {error}") from None

    @overload
    def __get__(self, instance: None, owner: type["ServiceGroup"]) -> Self: ...
    @overload
    def __get__(self, instance: "ServiceGroup", owner: type["ServiceGroup"]) -> C: ...
    def __get__(self, instance: "ServiceGroup | None", owner: type["ServiceGroup"]) -> Self | C:
        """Return the slot from the class, and from a group the client.

        Raises:
            ConfigurationError: nobody says where the service is; names the variable to set.
        """
        return self if instance is None else instance.client_of(self)


def service(contract: type[C], *, name: str = "", **options: Unpack[ClientOptions]) -> ServiceSlot[C]:
    """Declare one service of a group.

    Args:
        contract: What it speaks.
        name: By which it is found, ``services__<name>__http__0``; the attribute's name by default, with
            hyphens for underscores.
        options: Of its client; they win over those of the group, headers of both are sent.
    """
    return ServiceSlot(contract, name, options)


class ServiceGroup:
    """Base of groups. An instance gives a typed client for each of its services.

    A service is looked for when it is first used, so a group may name some that a deployment has not.

    Args:
        environment: Says where services are; ``os.environ`` in the composition root.
        http: Sends the requests, and stays open; without one the group makes its own.
        options: Of all clients. ``contributors`` can add a bearer token, say.
    """

    slots: ClassVar[Mapping[str, ServiceSlot[Any]]] = MappingProxyType({})

    def __init_subclass__(cls) -> None:
        """Collect the services, those of a group that this one builds on too."""
        own = {key: value for key, value in vars(cls).items() if _is_slot(value)}
        cls.slots = MappingProxyType({**cls.slots, **own})

    def __init__(
        self,
        environment: Environment,
        *,
        http: httpx.AsyncClient | None = None,
        **options: Unpack[ClientOptions],
    ) -> None:
        self._environment = environment
        self._options = options
        self._http = http or http_client()
        self._is_own = http is None
        self._clients: dict[ServiceSlot[Any], Contract] = {}

    def client_of(self, slot: ServiceSlot[C]) -> C:
        """Return the client of a service, as its attribute does.

        Raises:
            ConfigurationError: nobody says where the service is; names the variable to set.
        """
        known = self._clients.get(slot)
        if isinstance(known, slot.contract):
            return known
        address = find_address(slot.name, self._environment)
        client = connect(
            slot.contract, address, http=self._http, **joined_options(self._options, slot.options)
        )
        self._clients[slot] = client
        return client

    def require_all(self) -> None:
        """Look for every service now: for a start that should not succeed without them.

        Raises:
            ConfigurationError: names every variable that is missing or wrong.
        """
        errors: list[ConfigurationError] = []
        for slot in self.slots.values():
            try:
                find_address(slot.name, self._environment)
            except ConfigurationError as error:
                errors.append(error)
        refusal = gather_faults(errors)
        if refusal is not None:
            raise refusal

    async def aclose(self) -> None:
        """Close the connections of all clients, if they are the group's own."""
        if self._is_own:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        """Lend the group."""
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        await self.aclose()


def _is_slot(value: object) -> TypeGuard[ServiceSlot[Any]]:
    return isinstance(value, ServiceSlot)

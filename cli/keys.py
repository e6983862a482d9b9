"""`sihe keys`: issue, list, accept, rotate and revoke access keys, through the public API."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import click

from cli.client import Client
from cli.connect import prompt_client, with_place
from cli.main import COMMANDS
from cli.text_table import Column, table_lines
from gateway.access.roles import ROLES

PATH = "access/keys"
ROLE_NAMES = [each.value for each in ROLES]
COLUMNS = [Column(each) for each in ("Name", "Person", "Roles", "Status", "Expires", "Issued by", "Id")]


@click.group("keys", help=COMMANDS["keys"][1])
def command() -> None:
    pass


@command.command("issue")
@click.argument("name")
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice(ROLE_NAMES),
    help="May be repeated.",
)
@click.option("--person", help="The person that the key is for; without it, the key is for a program with this name.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="The first day on which it is invalid (UTC).")
@with_place
def issue(
    name: str, roles: Sequence[str], person: str | None, expires: datetime | None, url: str | None, key: str | None
) -> None:
    """Issue a key NAME. Its secret is printed once, alone on standard output, and cannot be read again.

    Administrators cannot issue keys for themselves: another one does. A person who has a valid key receives the
    secret of another one by accepting it: sihe keys accept NAME --key THEIR_KEY
    """
    body: dict[str, Any] = {"name": name, "roles": list(roles)}
    body |= {"person": person} if person else {}
    body |= {"expires_at": f"{expires:%Y-%m-%dT00:00:00Z}"} if expires else {}
    with prompt_client(url, key) as client:
        issued = client.post(PATH, body, str(uuid4()))
    if "secret" in issued:
        _show_secret(issued)
        return
    click.echo(f"Key {name} is pending: {person or name} has a key already and receives the secret with", err=True)
    click.echo(f"  sihe keys accept {name} --key THEIR_KEY", err=True)


@command.command("list")
@with_place
def list_keys(url: str | None, key: str | None) -> None:
    """List all keys, the oldest first. Secrets are never shown."""
    with prompt_client(url, key) as client:
        rows = [_row(each) for each in client.get(PATH)["data"]]
    for line in table_lines(COLUMNS, rows):
        click.echo(line)


@command.command("accept")
@click.argument("name")
@with_place
def accept(name: str, url: str | None, key: str | None) -> None:
    """Receive the secret of the pending key NAME that was issued for you. Use your present key with --key.

    Roles that may not list keys give the id of the key in place of its name.
    """
    with prompt_client(url, key) as client:
        _show_secret(client.post(f"{PATH}/{_id_of(client, name)}/accept", {}, str(uuid4())))


@command.command("rotate")
@click.argument("name")
@with_place
def rotate(name: str, url: str | None, key: str | None) -> None:
    """Replace the secret of your own key NAME, given with --key. The old one is invalid at once.

    The key of another person is not rotated: an administrator revokes it and issues a new one. Roles that may not
    list keys give the id of the key in place of its name.
    """
    with prompt_client(url, key) as client:
        _show_secret(client.post(f"{PATH}/{_id_of(client, name)}/rotate", {}, str(uuid4())))


@command.command("revoke")
@click.argument("name")
@click.confirmation_option(prompt="The key is refused from now on, for good. Continue?")
@with_place
def revoke(name: str, url: str | None, key: str | None) -> None:
    """Revoke the key NAME: it is refused from now on, for good."""
    with prompt_client(url, key) as client:
        revoked = client.post(f"{PATH}/{_id_of(client, name)}/revoke", {}, str(uuid4()))
    click.echo(f"Key {revoked['name']} is revoked.")


def _id_of(client: Client, name: str) -> str:
    """Return the id of the key with this name, or the id itself. Raises ClickException for an unknown name."""
    with suppress(ValueError):
        return str(UUID(name))
    for each in client.get(PATH)["data"]:
        if each["name"] == name:
            return str(each["id"])
    raise click.ClickException(f"There is no key {name}. All keys: sihe keys list")


def _show_secret(key: dict[str, Any]) -> None:
    click.echo(f"Key {key['name']} ({', '.join(key['roles'])}). Its secret, shown only now:", err=True)
    click.echo(key["secret"])


def _row(key: dict[str, Any]) -> list[str]:
    shown = (key["person"], ", ".join(key["roles"]), key["status"], key["expires_at"], key["issued_by"], key["id"])
    return [key["name"], *(each or "" for each in shown)]

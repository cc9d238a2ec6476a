"""Agents, groups and accounts (1.0.3 Data 2.4.2; 9274.1.1 4.2.2.1)."""

import re
from typing import Any

from lms.rules.statements import identifiers
from lms.rules.statements.refusal import Refused, unknown

IDENTIFIERS = ("mbox", "account", "mbox_sha1sum", "openid")
_AGENT = frozenset(("objectType", "name", *IDENTIFIERS))
_GROUP = _AGENT | {"member"}
_ACCOUNT = frozenset(("homePage", "name"))
_MBOX = re.compile(
    r"mailto:[^\s\x00-\x1f\"(),:;<>@\[\\\]\x7f\ud800-\udfff]+@[^\s\x00-\x1f\"(),:;<>@\[\\\]\x7f/?#\ud800-\udfff]+"
)
_SHA1 = re.compile(r"[0-9a-fA-F]{40}")


def actor(value: Any, path: str) -> None:
    """An agent or a group, by its objectType (2.4.2).

    :raises Refused: otherwise.
    """
    if type(value) is dict and value.get("objectType") == "Group":
        group(value, path)
    else:
        agent(value, path)


def agent(value: Any, path: str) -> None:
    """An agent, known by exactly one identifier (2.4.2.1).

    :raises Refused: otherwise.
    """
    if type(value) is not dict:
        raise Refused(path, "is not an object.")
    if value.get("objectType", "Agent") != "Agent":
        raise Refused(
            path + ".objectType", "is neither 'Agent' nor 'Group', or this place takes an agent only."
        )
    if not value.keys() <= _AGENT:
        raise unknown(value, _AGENT, path)
    if _identifiers(value, path) != 1:
        raise Refused(path, _ONE_IDENTIFIER)


def group(value: Any, path: str) -> None:
    """A group: identified like an agent, or anonymous with its members (2.4.2.2). Members are agents.

    :raises Refused: otherwise.
    """
    if type(value) is not dict:
        raise Refused(path, "is not an object.")
    if not value.keys() <= _GROUP:
        raise unknown(value, _GROUP, path)
    if value.get("objectType") != "Group":
        raise Refused(path + ".objectType", "is not 'Group'.")
    count = _identifiers(value, path)
    if count > 1:
        raise Refused(path, _ONE_IDENTIFIER)
    if "member" in value:
        members = value["member"]
        if type(members) is not list:
            raise Refused(path + ".member", "is not an array of agents.")
        for number, member in enumerate(members):
            agent(member, f"{path}.member[{number}]")
    if not count and not value.get("member"):
        raise Refused(path, "names no members; a group without an identifier does.")


def authority(value: Any, path: str) -> None:
    """An agent, or the pair of an application and a user (2.4.9): a group of two, one of them an account.

    :raises Refused: otherwise.
    """
    actor(value, path)
    if value.get("objectType") != "Group":
        return
    members = value.get("member", ())
    if len(members) != 2 or any(name in value for name in IDENTIFIERS):
        raise Refused(
            path, "is a group; an authority is an agent, or an anonymous group of exactly two agents."
        )
    if not any("account" in member for member in members):
        raise Refused(path + ".member", "names no application: one of the two agents has an account.")


_ONE_IDENTIFIER = "has to have exactly one of mbox, mbox_sha1sum, openid and account."


def _identifiers(value: dict[str, Any], path: str) -> int:
    """How many identifiers there are, each of them checked, and the name as well."""
    count = 0
    if "mbox" in value:
        count = 1
        mbox = value["mbox"]
        if type(mbox) is not str or _MBOX.fullmatch(mbox) is None:
            raise Refused(path + ".mbox", "is not an address such as mailto:name@example.com.")
    if "account" in value:
        count += 1
        _account(value["account"], path + ".account")
    if "mbox_sha1sum" in value:
        count += 1
        digest = value["mbox_sha1sum"]
        if type(digest) is not str or _SHA1.fullmatch(digest) is None:
            raise Refused(path + ".mbox_sha1sum", "is not a SHA-1 in 40 hexadecimal digits.")
    if "openid" in value:
        count += 1
        identifiers.iri(value["openid"], path + ".openid")
    if "name" in value and type(value["name"]) is not str:
        raise Refused(path + ".name", "is not a string.")
    return count


def _account(value: Any, path: str) -> None:
    """An account on a system (2.4.2.4)."""
    if type(value) is not dict:
        raise Refused(path, "is not an object with homePage and name.")
    if not value.keys() <= _ACCOUNT:
        raise unknown(value, _ACCOUNT, path)
    if "homePage" not in value:
        raise Refused(path, "has no homePage.")
    identifiers.iri(value["homePage"], path + ".homePage")
    if "name" not in value:
        raise Refused(path, "has no name.")
    if type(value["name"]) is not str:
        raise Refused(path + ".name", "is not a string.")


def identity(value: dict[str, Any]) -> str | None:
    """What an agent or group is recognised by (2.4.2.3), as one string; None for an anonymous group.

    The domain of an e-mail address and a hexadecimal digest do not distinguish upper and lower case.
    """
    if "account" in value:
        account = value["account"]
        return f"account {account['homePage']} {account['name']}"
    if "mbox" in value:
        local, _, domain = value["mbox"].rpartition("@")
        return f"mbox {local}@{domain.lower()}"
    if "mbox_sha1sum" in value:
        return f"sha1 {value['mbox_sha1sum'].lower()}"
    if "openid" in value:
        return f"openid {value['openid']}"
    return None


def is_identity(text: str) -> bool:
    """Whether somebody can be recognised by this text, as ``identity`` makes it."""
    kind, blank, rest = text.partition(" ")
    return kind in ("account", "mbox", "sha1", "openid") and bool(blank and rest)

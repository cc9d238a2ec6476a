"""The interface as an OpenAPI 3.1 document, for programs that make a client of it. A test holds it equal to the routes."""

from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue

from lms.api import guard
from lms.api.blueprint import blueprint


def _refusals(*statuses: int) -> dict[str, Any]:
    return {str(status): {"$ref": f"#/components/responses/{status}"} for status in statuses}


def _list(description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/RoleList"}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


CODE = {
    "name": "code",
    "in": "path",
    "required": True,
    "description": "The code of the key's organisation.",
    "schema": {"type": "string"},
}
SEND = {
    "operationId": "sendRoleList",
    "summary": "Send a role list, to be checked and applied by a worker.",
    "description": "The same list of the same day is taken once. What a person has to confirm waits for a person.",
    "parameters": [
        CODE,
        {
            "name": "as_at",
            "in": "query",
            "description": "The date of the list; without it the one in the file's name, else today.",
            "schema": {"type": "string", "format": "date"},
        },
        {
            "name": "covers",
            "in": "query",
            "description": "all, or unit=NAME: who is missing there has left. Without it nobody has.",
            "schema": {"type": "string", "pattern": "^(all|unit=.*\\S.*)$"},
        },
        {
            "name": "filename",
            "in": "query",
            "description": "What the file is called, where the request does not say.",
            "schema": {"type": "string"},
        },
    ],
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": {"schema": {"type": "string", "format": "binary", "minLength": 1}},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary", "minLength": 1}},
                }
            },
        },
    },
    "responses": {
        "202": _list("Taken in. Ask for the result at the address in Location.")
        | {"headers": {"Location": {"schema": {"type": "string", "format": "uri"}}}},
        **_refusals(400, 401, 403, 404, 413, 422, 429, 503),
    },
}
RESULT = {
    "operationId": "roleListResult",
    "summary": "What became of a list that was sent.",
    "parameters": [
        CODE,
        {"name": "role_list_id", "in": "path", "required": True, "schema": {"type": "integer", "minimum": 0}},
    ],
    "responses": {
        "200": _list("The list, with its report once a worker has taken it."),
        "304": {"description": "As it was when the entity tag was given."},
        **_refusals(401, 403, 404, 503),
    },
}
ROLE_LIST = {
    "type": "object",
    "required": ["id", "organisation", "as_at", "filename", "state", "reasons", "report", "page", "result"],
    "properties": {
        "id": {"type": "integer"},
        "organisation": {"type": "string"},
        "as_at": {"type": "string", "format": "date"},
        "filename": {"type": "string"},
        "state": {"enum": ["arrived", "applied", "stopped", "refused", "applying", "undone"]},
        "reasons": {
            "type": "array",
            "items": {"type": "string"},
            "description": "Why it was not applied, a sentence each.",
        },
        "report": {"type": ["object", "null"], "description": "As lms roster check --json gives it."},
        "page": {"type": "string", "description": "Where a person looks at it, and confirms it if need be."},
        "result": {"type": "string"},
    },
}
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong and what to do."},
    },
}
REFUSALS = {
    400: "It cannot be read, or was cut short. Nothing is written.",
    401: "No key, or one that is wrong or revoked.",
    403: "The key lacks the scope.",
    404: "There is no such thing, or it is not of this key's organisation.",
    411: "The list came in chunks, without a length. Nothing is written.",
    413: "The file is too large.",
    422: "Something in the request cannot be used.",
    429: "Too many lists wait. Send it later.",
    503: "A part behind this does not answer. Send it later.",
}
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Golden Thread", "version": "1"},
    "security": [{"key": []}],
    "paths": {
        "/api/v1/organisations/{code}/role-lists": {"post": SEND},
        "/api/v1/organisations/{code}/role-lists/{role_list_id}": {"get": RESULT},
    },
    "components": {
        "securitySchemes": {
            "key": {"type": "http", "scheme": "bearer", "description": "A key with the scope roster."}
        },
        "schemas": {"RoleList": ROLE_LIST, "Problem": PROBLEM},
        "responses": {
            str(status): {
                "description": description,
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
            for status, description in REFUSALS.items()
        },
    },
}


@blueprint.get("/openapi.json")
@guard.public
def openapi() -> ResponseReturnValue:
    """The document itself, for anybody."""
    return jsonify(DOCUMENT)

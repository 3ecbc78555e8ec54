"""What an OpenRPC document says of messages, and whether a value is what its schemas accept."""

import base64
import json
import re

#: Every keyword of JSON Schema that the document uses; the last four say nothing about values.
KEYWORDS = set(
    "$ref anyOf type const enum minimum maximum pattern contentEncoding items required properties additionalProperties "
    "description title format default".split()
)


class Invalid(Exception):
    """A value is not what the schema says; nothing was sent."""


class Document:
    """What `openrpc.json` says: which methods there are, and what may be in a message."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.root = json.load(file)
        self.methods = {method["name"]: method for method in self.root["methods"]}

    def check(self, schema, value, where):
        """Raise `Invalid` for a value that the schema does not accept, and for a schema that says more than is understood here."""
        if schema.keys() - KEYWORDS:
            raise Invalid(f"{where} has a schema with {sorted(schema.keys() - KEYWORDS)}")
        if "$ref" in schema:
            target = self.root
            for step in schema["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            return self.check(target, value, where)
        if "anyOf" in schema and not any(self.accepts(arm, value, where) for arm in schema["anyOf"]):
            raise Invalid(f"{where} matches none of its forms")
        types = schema.get("type", [])
        types = [types] if isinstance(types, str) else types
        if types and not any(is_type(value, each) for each in types):
            raise Invalid(f"{where} is not of type {' or '.join(types)}")
        if "const" in schema and value != schema["const"]:
            raise Invalid(f"{where} is not {schema['const']!r}")
        if "enum" in schema and value not in schema["enum"]:
            raise Invalid(f"{where} is none of {schema['enum']}")
        if isinstance(value, str):
            self.check_text(schema, value, where)
        elif is_type(value, "number"):
            if value < schema.get("minimum", value) or value > schema.get("maximum", value):
                raise Invalid(f"{where} is out of range")
        elif isinstance(value, list):
            for index, item in enumerate(value):
                self.check(schema.get("items", {}), item, f"{where}[{index}]")
        elif isinstance(value, dict):
            self.check_object(schema, value, where)

    def accepts(self, schema, value, where):
        try:
            self.check(schema, value, where)
            return True
        except Invalid:
            return False

    def check_text(self, schema, value, where):
        if "pattern" in schema and not re.search(schema["pattern"], value):
            raise Invalid(f"{where} does not match {schema['pattern']}")
        if schema.get("contentEncoding") == "base64":
            try:
                base64.b64decode(value, validate=True)
            except ValueError:
                raise Invalid(f"{where} is no base64") from None

    def check_object(self, schema, value, where):
        for name in schema.get("required", []):
            if name not in value:
                raise Invalid(f"{where}.{name} is missing")
        known = schema.get("properties", {})
        for name, member in value.items():
            if name in known:
                self.check(known[name], member, f"{where}.{name}")
            elif isinstance(schema.get("additionalProperties"), dict):
                self.check(schema["additionalProperties"], member, f"{where}.{name}")


def is_type(value, name):
    if name == "null":
        return value is None
    if isinstance(value, bool):
        return name == "boolean"
    if name == "integer":
        return isinstance(value, int)
    kinds = {"string": str, "number": (int, float), "array": list, "object": dict}
    return isinstance(value, kinds.get(name, ()))

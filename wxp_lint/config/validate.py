"""What a JSON Schema finds wrong with a TOML document, in the words of the person who wrote it.

Nothing here knows a key: names, forms and mends come from the schema. There, `title` says what a value
must be where its keywords would not tell a person, `writeOnly` marks values that are never printed, and
what stands below `not` describes how to mend a value that has this form.
"""

import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from wxp_lint.config.globs import unclosed
from wxp_lint.config.lines import KeyPath
from wxp_lint.config.text import as_key, as_toml, shown
from wxp_lint.errors import did_you_mean

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at `path`, a whole sentence without file and line."""

    path: KeyPath
    message: str


def problems(document: Mapping[str, Any], schema: Schema, prefix: tuple[str, ...] = ()) -> list[Problem]:
    """Everything in `document`, as `tomllib` reads it, that breaks `schema`: one problem a place.

    `prefix` is the table that `document` is in its file, for the words only: ("tool", "wxp-lint").
    """
    check = _Check(_Validator(schema, format_checker=_FORMATS), prefix)
    found: dict[KeyPath, Problem] = {}
    for error in check.validator.iter_errors(document):
        for problem in check.told(error):
            found.setdefault(problem.path, problem)
    return list(found.values())


def _type(validator: object, types: object, instance: object, schema: Schema) -> Iterator[ValidationError]:
    """As the standard's, but a TOML date is what JSON writes as a string of the format "date"."""
    is_day = isinstance(instance, date) and not isinstance(instance, datetime)
    if not (is_day and schema.get("format") == "date"):
        yield from Draft202012Validator.VALIDATORS["type"](validator, types, instance, schema)


def _is_integer(_: object, instance: object) -> bool:
    return isinstance(instance, int) and not isinstance(instance, bool)


def _is_number(_: object, instance: object) -> bool:
    return _is_integer(_, instance) or (isinstance(instance, float) and math.isfinite(instance))


_Validator = extend(
    Draft202012Validator,
    {"type": _type},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many({"integer": _is_integer, "number": _is_number}),
)


_FORMATS = FormatChecker(["date"])
_FORMATS.checks("glob")(lambda value: not isinstance(value, str) or unclosed(value) is None)


@dataclass(frozen=True, slots=True)
class _Check:
    validator: Any
    prefix: tuple[str, ...]

    def told(self, error: ValidationError) -> Iterator[Problem]:
        path: KeyPath = tuple(error.absolute_path)
        if error.validator == "additionalProperties":
            for key in _unknown(error.instance, error.schema):
                hint = self._hint(key, error.instance[key], error.schema)
                message = f"unknown key '{shown(key)[1:-1]}'{self._inside(path)}{hint}"
                yield Problem((*path, key), message)
        elif error.validator in ("required", "dependentRequired", "oneOf"):
            # A key that is missing is mostly one that is misspelt, which has been told already.
            if isinstance(error.instance, dict) and not _unknown(error.instance, error.schema):
                yield from self._missing(path, error)
        elif error.validator == "not":
            value = "" if error.schema.get("writeOnly") else f" is {shown(error.instance)}"
            yield Problem(path, f"{self._subject(path)}{value}: {self._mends(error)}")
        elif error.validator == "format" and error.validator_value == "glob":
            yield Problem(path, f"{self._subject(path)} is {shown(error.instance)}, which {unclosed(error.instance)}")
        else:
            value = "" if error.schema.get("writeOnly") else f", not {shown(error.instance)}"
            mend = self._quotes(error)
            yield Problem(path, f"{self._subject(path)} must be {self._expected(error)}{value}{mend}")

    def _missing(self, path: KeyPath, error: ValidationError) -> Iterator[Problem]:
        table, given = self._table(path), error.instance
        if error.validator == "oneOf":
            names = [f"'{name}'" for branch in error.validator_value for name in branch["required"]]
            several = sum(name[1:-1] in given for name in names) > 1
            message = f"takes only one of {' and '.join(names)}" if several else f"needs {' or '.join(names)}"
            yield Problem(path, f"{table} {message}")
        elif error.validator == "required":
            for name in error.validator_value:
                if name not in given:
                    yield Problem((*path, name), f"{table} needs the key '{name}'")
        else:
            for name, partners in error.validator_value.items():
                for partner in partners:
                    if name in given and partner not in given:
                        yield Problem((*path, partner), f"'{name}' in {table} needs '{partner}' beside it")

    def _mends(self, error: ValidationError) -> str:
        forms = [self._resolved(form) for form in error.validator_value.get("anyOf", [error.validator_value])]
        return "; ".join(
            form["description"] for form in forms if self.validator.evolve(schema=form).is_valid(error.instance)
        )

    def _expected(self, error: ValidationError) -> str:
        schema = error.schema
        words = _expected(schema, self._resolved(schema.get("items", {})))
        if error.validator == "type" and "examples" in schema and schema["type"] in ("array", "object"):
            words += f", like {as_toml(schema['examples'][0])}"
        return words

    def _quotes(self, error: ValidationError) -> str:
        """A mend where only the quotes are too much, or brackets missing."""
        instance = error.instance
        if error.validator != "type" or not isinstance(instance, str):
            return ""
        validator = self.validator.evolve(schema=error.schema)
        if validator.is_valid([instance]):
            return "; put it in brackets"
        try:
            bare = tomllib.loads(f"value = {instance}")["value"]
        except (ValueError, RecursionError):
            return ""
        return "; leave out the quotes" if validator.is_valid(bare) else ""

    def _hint(self, key: str, value: object, schema: Schema) -> str:
        """Where a key with this value belongs, which one is meant, or which there are."""
        homes = list(dict.fromkeys(self._homes(key, value, self.validator.schema, ())))
        if homes:
            return f"; it belongs {' or '.join(homes)}"
        known = schema.get("properties", {})
        kebab = key.strip().lower().replace("_", "-").replace(" ", "-")
        if kebab != key and not _unknown({kebab: None}, schema):
            return f"; did you mean '{kebab}'?"
        return did_you_mean(key, known) or f"; known there: {', '.join(known)}"

    def _homes(self, key: str, value: object, schema: Schema, path: KeyPath) -> Iterator[str]:
        schema = self._resolved(schema)
        known = schema.get("properties", {})
        if key in known and self.validator.evolve(schema=known[key]).is_valid(value):
            name = self._name(path)
            yield f"in {name}" if name else "at the top of the file, above the first [table]"
        for name, child in known.items():
            yield from self._homes(key, value, child, (*path, name))
        if "items" in schema:
            yield from self._homes(key, value, schema["items"], (*path, 0))

    def _resolved(self, schema: Schema) -> Schema:
        while "$ref" in schema:
            schema = self.validator.schema["$defs"][schema["$ref"].removeprefix("#/$defs/")]
        return schema

    def _name(self, path: KeyPath) -> str:
        """The header of the table at `path`, "" for the whole file."""
        name = ".".join(as_key(key) for key in (*self.prefix, *path) if isinstance(key, str))
        if not name:
            return ""
        return f"[[{name}]]" if path and isinstance(path[-1], int) else f"[{name}]"

    def _table(self, path: KeyPath) -> str:
        count = f"entry {path[-1] + 1} of " if path and isinstance(path[-1], int) else ""
        return count + (self._name(path) or "the file")

    def _inside(self, path: KeyPath) -> str:
        return f" in {self._table(path)}" if self._name(path) else ""

    def _subject(self, path: KeyPath) -> str:
        if not path:
            return self._table(path)
        *outer, last = path
        if isinstance(last, int):
            return f"entry {last + 1} of {self._subject(tuple(outer))}"
        return f"{as_key(last)}{self._inside(tuple(outer))}"


def _unknown(table: Mapping[str, Any], schema: Schema) -> list[str]:
    """The keys of `table` that `schema` does not list."""
    known, forms = schema.get("properties", {}), schema.get("patternProperties", {})
    return [key for key in table if key not in known and not any(re.search(form, key) for form in forms)]


def _expected(schema: Schema, items: Schema) -> str:
    if "title" in schema:
        return str(schema["title"])
    if "enum" in schema:
        return f"one of {', '.join(schema['enum'])}"
    match schema["type"]:
        case "string" if schema.get("format") == "date":
            return "a date like 2026-12-01"
        case "string":
            return "a string that is not empty" if "minLength" in schema else "a string"
        case "boolean":
            return "true or false"
        case "integer":
            return f"a whole number{_range(schema)}"
        case "number":
            return f"a number{_range(schema)}"
        case "array":
            noun = "tables" if items.get("type") == "object" else "strings"
            return f"a list of {'one or more ' if 'minItems' in schema else ''}{noun}"
        case _:
            return "a table"


def _range(schema: Schema) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if "exclusiveMinimum" in schema:
        return f" above {schema['exclusiveMinimum']}" + ("" if high is None else f", {high} at most")
    if low is not None and high is not None:
        return f" from {low} to {high}"
    return "" if low is None else f" of at least {low}"

"""Which rules speak, how loud, and with which options: the settings applied to the catalogue."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from wxp_lint.config.settings import RuleSettings, Settings
from wxp_lint.config.text import as_toml
from wxp_lint.errors import UsageError, did_you_mean
from wxp_lint.lint.catalogue import Catalogue
from wxp_lint.lint.rule import Option, Rule
from wxp_lint.repo.glob import matcher


class _Override(NamedTuple):
    matches: Any  # path -> bool
    select: frozenset[str]
    named: frozenset[str]  # those of `select` that are named themselves
    ignore: frozenset[str]
    rules: Mapping[str, RuleSettings]  # by code


class Policy:
    """The settings in terms of rule codes. Raises UsageError for names, options and values that no rule has.

    `must_run` are codes; `notes` are lines for standard error: names and rules that will go.
    """

    def __init__(self, settings: Settings, catalogue: Catalogue) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._former: dict[str, None] = {}
        self._rules = self._by_code("rules", settings.rules)
        self._selected = self._codes("select", settings.select)
        self._named = self._named_exactly(settings.select)
        self._ignored = self._codes("ignore", settings.ignore)
        self._overrides = [
            _Override(
                matcher(override.paths),
                self._codes(f"overrides.{n}.select", override.select),
                self._named_exactly(override.select),
                self._codes(f"overrides.{n}.ignore", override.ignore),
                self._by_code(f"overrides.{n}.rules", override.rules),
            )
            for n, override in enumerate(settings.overrides)
        ]
        self.must_run = self._codes("must-run", settings.must_run)
        deprecated = [rule for rule in catalogue.rules if rule.status == "deprecated" and self.is_active(rule)]
        self.notes = (*self._former, *map(_deprecated, deprecated))

    def is_active(self, rule: Rule) -> bool:
        """Whether the rule may speak anywhere."""
        if rule.code in self._ignored or (self._selected and rule.code not in self._selected):
            return False
        return self.is_known(rule)

    def may_speak(self, rule: Rule) -> bool:
        """Whether the rule has a level in some file, so that what it reads is wanted."""
        if self.level(rule, None, None) is not None:
            return True
        return self.is_active(rule) and any(
            rule.code in override.select or (rule.code in override.rules and override.rules[rule.code].level != "off")
            for override in self._overrides
        )

    def is_known(self, rule: Rule) -> bool:
        """Whether the rule counts at all, so that others yield to it: one in preview has to be asked for.

        It is by --preview, or by being named itself where rules are selected.
        """
        return self._is_out(rule) or any(rule.code in override.named for override in self._overrides)

    def _is_out(self, rule: Rule) -> bool:
        return rule.status != "preview" or self._settings.preview or rule.code in self._named

    def level(self, rule: Rule, path: str | None, level: str | None) -> str | None:
        """The level of a finding in `path`, None if it is switched off there; `level` is what the query said."""
        if not self.is_active(rule):
            return None
        configured = rule.code in self._rules and self._rules[rule.code].level
        silent = not self._is_out(rule)
        for override in self._overrides if path is not None else ():
            if override.matches(path):
                if override.select:
                    chosen = override.select if self._is_out(rule) else override.named
                    silent = rule.code not in chosen
                silent = silent or rule.code in override.ignore
                here = override.rules.get(rule.code)
                configured = (here and here.level) or configured
        if silent or configured == "off":
            return None
        return level or configured or rule.level

    def variants(
        self, rule: Rule, paths: Iterable[str]
    ) -> Iterator[tuple[dict[str, Any], frozenset[str | None] | None]]:
        """The sets of option values to run the rule with, each with the paths it holds for.

        None among the paths stands for what belongs to none of `paths`; None in place of them for everything.
        """
        if not any(rule.code in o.rules and o.rules[rule.code].options for o in self._overrides):
            yield self._values(rule, None), None
            return
        groups: dict[str, tuple[dict[str, Any], set[str | None]]] = {}
        for path in (None, *paths):
            values = self._values(rule, path)
            groups.setdefault(repr(sorted(values.items())), (values, set()))[1].add(path)
        for values, group in groups.values():
            yield values, frozenset(group)

    def options(self, rule: Rule) -> dict[str, Any]:
        """The option values that hold where no override says otherwise."""
        return self._values(rule, None)

    def differs(self, rule: Rule) -> bool:
        """Whether some option of the rule has another value than its default anywhere."""
        given = [self._rules.get(rule.code), *(o.rules.get(rule.code) for o in self._overrides)]
        return any(g is not None and g.options for g in given)

    def _values(self, rule: Rule, path: str | None) -> dict[str, Any]:
        values = {name: self._default(option.default, option.config) for name, option in rule.options.items()}
        given = [self._rules.get(rule.code)]
        given += [o.rules.get(rule.code) for o in self._overrides if path is not None and o.matches(path)]
        for settings in given:
            if settings:
                values |= {name.replace("-", "_"): value for name, value in settings.options.items()}
        return values

    def _default(self, default: Any, config: str | None) -> Any:
        if config is None:
            return default
        value: Any = self._settings
        for name in config.replace("-", "_").split("."):
            value = getattr(value, name)
        return list(value) if isinstance(value, tuple) else value

    def _codes(self, where: str, names: Sequence[str]) -> frozenset[str]:
        codes: frozenset[str] = frozenset()
        for n, name in enumerate(names):
            place = self._place(f"{where}.{n}") or self._place(where)
            try:
                codes |= self._catalogue.select(name)
            except UsageError as error:
                raise UsageError(f"{place}{error}") from None
            self._note(place, name)
        return codes

    def _note(self, place: str, name: str) -> None:
        note = self._catalogue.note(name)
        if note:
            self._former[f"{place}{note}"] = None

    def _named_exactly(self, names: Iterable[str]) -> frozenset[str]:
        lower = {name.lower() for name in names}
        return frozenset(r.code for r in self._catalogue.rules if lower & set(map(str.lower, r.names)))

    def _by_code(self, where: str, rules: Mapping[str, RuleSettings]) -> dict[str, RuleSettings]:
        found: dict[str, RuleSettings] = {}
        for name, settings in rules.items():
            place = self._place(f"{where}.{name}")
            try:
                rule = self._catalogue.find(name)
            except UsageError as error:
                raise UsageError(f"{place}{error}") from None
            self._note(place, name)
            if rule.code in found:
                raise UsageError(f"{place}rule {rule.name} has two tables here, one by another name: make them one")
            for option, value in settings.options.items():
                at = self._place(f"{where}.{name}.options.{option}") or place
                _check_option(at, rule, option, value)
            found[rule.code] = settings
        return found

    def _place(self, key: str) -> str:
        """As "wxp-lint.toml:12: ", or "--select: ", or nothing where the place is not known."""
        origin = self._settings.origins.get(key) or self._settings.origins.get(f"{key}.level")
        return f"{origin}: " if origin else ""


def _deprecated(rule: Rule) -> str:
    return f"rule {rule.code} {rule.name} is deprecated: it will go, so ignore it (see: wxp-lint explain {rule.name})"


_KINDS: Mapping[type, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    list: "a list of texts",
}


def _check_option(place: str, rule: Rule, name: str, value: Any) -> None:
    known = {option.replace("_", "-"): spec for option, spec in rule.options.items()}
    spec = known.get(name)
    if spec is None:
        has = f"; it has: {', '.join(sorted(known))}" if known else "; it has none"
        raise UsageError(
            f"{place}rule {rule.name} has no option '{name}'{did_you_mean(name, [*known, 'level']) or has}"
        )
    if not _fits(value, spec.default):
        kind = "a list" if spec.default and isinstance(spec.default, list) else _KINDS[type(spec.default)]
        raise UsageError(f"{place}option '{name}' of {rule.name} must be {kind}, not {as_toml(value)}")
    if not rule.is_custom and isinstance(value, int) and value < 0:
        raise UsageError(f"{place}option '{name}' of {rule.name} must not be negative: {value}")
    for item in value if isinstance(value, list) else [value]:
        if wrong := _wrong_item(spec, item):
            raise UsageError(f"{place}option '{name}' of {rule.name}: {as_toml(item)} is {wrong}")


def _wrong_item(spec: Option, item: Any) -> str:
    """What a value is, in words, that the option does not take; "" for one that it takes."""
    if item in spec.choices:
        return ""
    if spec.choices and not (spec.patterns and isinstance(item, str) and not item.isalnum()):
        pattern = ', and no pattern such as "[A-Z]{3}[0-9]{5}"' if spec.patterns else ""
        return f"none of {', '.join(map(str, spec.choices))}{pattern}"
    wrong = _against(item) if spec.patterns and item else ""
    return wrong and f"no regular expression (RE2): {wrong}"


def _against(pattern: str) -> str:
    """What the engine's regular expressions (RE2) have against this one; "" for nothing."""
    from wxp_lint.database import connect, is_refusal

    con = connect()
    try:
        con.execute("select regexp_full_match('', $pattern)", {"pattern": pattern})
    except Exception as error:
        if not is_refusal(error):
            raise
        return str(error).partition("\n")[0].partition(": ")[2]
    finally:
        con.close()
    return ""


def _fits(value: Any, default: Any) -> bool:
    """Whether `value` has the type of `default`; items of an empty list are taken for texts."""
    if isinstance(value, list) and isinstance(default, list):
        return all(_fits(item, default[0] if default else "") for item in value)
    return type(value) is type(default) or (type(default) is float and type(value) is int)

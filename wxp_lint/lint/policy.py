"""Which rules speak, how loud, and with which options: the settings applied to the catalogue."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wxp_lint.config.settings import RuleSettings, Settings
from wxp_lint.errors import UsageError, did_you_mean
from wxp_lint.lint.catalogue import Catalogue
from wxp_lint.lint.rule import Rule
from wxp_lint.repo.glob import matcher


@dataclass(frozen=True, slots=True)
class _Override:
    matches: Any  # path -> bool
    select: frozenset[str]
    ignore: frozenset[str]
    rules: Mapping[str, RuleSettings]  # by code


class Policy:
    """The settings in terms of rule codes. Raises UsageError for names, options and values that no rule has."""

    def __init__(self, settings: Settings, catalogue: Catalogue) -> None:
        self._settings = settings
        self._catalogue = catalogue
        self._rules = self._by_code("rules", settings.rules)
        self._selected = self._codes("select", settings.select)
        self._named = self._named_exactly(settings.select)
        self._ignored = self._codes("ignore", settings.ignore)
        self._overrides = [
            _Override(
                matcher(override.paths),
                self._codes(f"overrides.{n}.select", override.select),
                self._codes(f"overrides.{n}.ignore", override.ignore),
                self._by_code(f"overrides.{n}.rules", override.rules),
            )
            for n, override in enumerate(settings.overrides)
        ]
        self.must_run = self._codes("must-run", settings.must_run)

    def is_active(self, rule: Rule) -> bool:
        """Whether the rule may speak anywhere. A preview rule needs --preview, or to be named itself."""
        if rule.code in self._named:
            return rule.code not in self._ignored
        if rule.status == "preview" and not self._settings.preview:
            return False
        return (not self._selected or rule.code in self._selected) and rule.code not in self._ignored

    def level(self, rule: Rule, path: str | None, level: str | None) -> str | None:
        """The level of a finding in `path`, None if it is switched off there; `level` is what the query said."""
        if not self.is_active(rule):
            return None
        configured = rule.code in self._rules and self._rules[rule.code].level
        silent = False
        for override in self._overrides if path is not None else ():
            if override.matches(path):
                silent = rule.code not in override.select and (silent or rule.code in override.ignore)
                here = override.rules.get(rule.code)
                configured = (here and here.level) or configured
        if silent or configured == "off":
            return None
        return level or configured or rule.level

    def variants(self, rule: Rule, paths: Iterable[str]) -> Iterator[tuple[dict[str, Any], frozenset[str] | None]]:
        """The sets of option values to run the rule with, each with the paths it holds for (None: all of them)."""
        if not any(rule.code in o.rules and o.rules[rule.code].options for o in self._overrides):
            yield self._values(rule, None), None
            return
        groups: dict[str, tuple[dict[str, Any], set[str]]] = {}
        for path in paths:
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

    def _codes(self, where: str, names: Iterable[str]) -> frozenset[str]:
        codes: frozenset[str] = frozenset()
        for name in names:
            try:
                codes |= self._catalogue.select(name)
            except UsageError as error:
                raise UsageError(f"{self._place(where)}{error}") from None
        return codes

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
            for option, value in settings.options.items():
                at = self._place(f"{where}.{name}.options.{option}") or place
                _check_option(at, rule, option, value)
            found[rule.code] = settings
        return found

    def _place(self, key: str) -> str:
        """ "wxp-lint.toml:12: ", or "--select: ", or nothing where the place is not known."""
        origin = self._settings.origins.get(key) or self._settings.origins.get(f"{key}.level")
        return f"{origin}: " if origin else ""


def _check_option(place: str, rule: Rule, name: str, value: Any) -> None:
    known = {option.replace("_", "-"): spec for option, spec in rule.options.items()}
    spec = known.get(name)
    if spec is None:
        has = f"; it has: {', '.join(sorted(known))}" if known else "; it has none"
        raise UsageError(f"{place}rule {rule.name} has no option '{name}'{did_you_mean(name, known) or has}")
    kinds: dict[type, str] = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", list: "a list"}
    fits = type(value) is type(spec.default) or (type(spec.default) is float and type(value) is int)
    if not fits:
        raise UsageError(f"{place}option '{name}' of {rule.name} must be {kinds[type(spec.default)]}, not {value!r}")
    if isinstance(value, int) and not isinstance(value, bool) and value < 0:
        raise UsageError(f"{place}option '{name}' of {rule.name} must not be negative: {value}")
    for item in value if isinstance(value, list) else [value]:
        if spec.choices and item not in spec.choices:
            raise UsageError(f"{place}option '{name}' of {rule.name}: {item!r} is none of {', '.join(map(str, spec.choices))}")

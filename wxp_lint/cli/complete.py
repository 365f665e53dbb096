"""What a shell offers while somebody types."""

from pathlib import Path


def rules(incomplete: str) -> list[tuple[str, str]]:
    """The rules whose code or name begins like this, as (what to write, what it is); after a comma, the last one.

    Nothing is said of a config that cannot be read: the built-in rules are offered.
    """
    from wxp_lint.cli.project import open_project
    from wxp_lint.errors import UsageError
    from wxp_lint.lint import catalogue

    try:
        found = open_project(Path.cwd()).catalogue
    except UsageError:
        found = catalogue.load()
    before, comma, word = incomplete.rpartition(",")
    offered = [(rule.code, rule.name) for rule in found.rules if rule.code.startswith(word.upper())]
    offered = offered or [(rule.name, rule.summary) for rule in found.rules if rule.name.startswith(word.lower())]
    return [(f"{before}{comma}{name}", words) for name, words in offered]

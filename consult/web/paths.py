"""The path of a request as it may be kept in a record or a log."""

import re

from flask import request

SECRETS = {"key", "code"}  # in the rules of our addresses: what opens something by itself
_ARGUMENT = re.compile(r"<(?:[^:<>]+:)?(\w+)>")


def path_without_keys() -> str:
    """The path that was asked for, without the keys of personal links and the codes of badges and letters.

    An address that leads nowhere may be a mistyped key: of it nothing is said.
    """
    rule, values = request.url_rule, request.view_args or {}
    if rule is None:
        return ""
    return _ARGUMENT.sub(lambda each: "…" if each[1] in SECRETS else str(values.get(each[1], "")), rule.rule)

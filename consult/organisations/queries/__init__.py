"""Reads about organisations."""

from consult.organisations.queries.duplicates import (
    Likeness,
    likely_duplicates,
    open_duplicates,
    pair_at,
    profiles_like,
)
from consult.organisations.queries.names import match_key, name_key, web_domain, words
from consult.organisations.queries.people import (
    acting_for,
    belonging_to,
    focal_points_of,
    invitation_at,
    invitations_for,
    invitations_of,
    member_at,
    members_of,
    memberships_of,
    request_at,
    requests_of,
)
from consult.organisations.queries.profiles import (
    document_at,
    listed,
    listed_at,
    matching,
    organisation_at,
    organisations,
    organisations_joined,
    organisations_named,
    organisations_of,
    recognition_at,
)

__all__ = [
    "Likeness", "acting_for", "belonging_to", "document_at", "focal_points_of", "invitation_at",
    "invitations_for", "invitations_of", "likely_duplicates", "listed", "listed_at", "match_key", "matching",
    "member_at", "members_of", "memberships_of", "name_key", "open_duplicates", "organisation_at", "organisations",
    "organisations_joined", "organisations_named", "organisations_of", "pair_at", "profiles_like",
    "recognition_at", "request_at", "requests_of", "web_domain", "words",
]  # fmt: skip

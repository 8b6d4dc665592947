"""Consult: consultations with stakeholders, from announcement to summary report."""

import os
from importlib import import_module

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from consult import cli, database, logs
from consult.accounts import access, security
from consult.accounts import views as accounts
from consult.accreditation.views import applicant as accreditation
from consult.accreditation.views import circulation as circulations
from consult.accreditation.views import review
from consult.accreditation.views import workspace as accreditation_workspace
from consult.agenda.views import public as agenda
from consult.agenda.views import workspace as agenda_workspace
from consult.attendance.views import door, imports, online, scanner
from consult.attendance.views import workspace as attendance_workspace
from consult.campaigns.views import invitee as invitations
from consult.campaigns.views import workspace as campaigns
from consult.config import Config, ConfigError
from consult.events.policy import needs_second_factor
from consult.events.views import invited as teams
from consult.events.views import workspace as events_workspace
from consult.extensions import babel, celery, compress, csrf, db, limiter, migrate
from consult.inputs.views import author as inputs
from consult.inputs.views import workspace as inputs_workspace
from consult.letters import views as letters
from consult.organisations.views import own as organisations
from consult.organisations.views import workspace as organisations_workspace
from consult.portal.views import messages, workspace
from consult.portal.views import personal as _personal  # noqa: F401  adds its page to the portal
from consult.portal.views import public as portal
from consult.reference import filters as reference
from consult.registration.views import address as registration_address
from consult.registration.views import badges, follow_ups, participants, person, visas
from consult.registration.views import participant as registration
from consult.registration.views import workspace as registration_workspace
from consult.reports.views import public as reports
from consult.reports.views import workspace as reports_workspace
from consult.web import bodies, errors, filters, headers, hosts, readers

# what follows from facts, in the order in which the domains react
for _domain in ("organisations", "events", "accreditation", "registration", "inputs", "attendance", "campaigns"):
    import_module(f"consult.{_domain}.reactions")

PAGES = (
    accounts, letters, organisations, organisations_workspace, portal, workspace, messages, events_workspace, teams,
    agenda, agenda_workspace, accreditation, accreditation_workspace, circulations, review, registration,
    registration_workspace, registration_address, person, participants, follow_ups, badges, visas, inputs,
    inputs_workspace, door, scanner, online, imports, attendance_workspace, reports, reports_workspace, invitations,
    campaigns,
)  # fmt: skip


def create_app(config: Config | None = None) -> Flask:
    """The application. Reads like a table of contents."""
    config = config or _configured()
    app = Flask(__name__, template_folder="../templates")
    app.config.from_mapping(config.mapping())
    logs.configure()

    bodies.register(app)
    db.init_app(app)
    migrate.init_app(app, db)
    csrf.init_app(app)
    limiter.init_app(app)
    compress.init_app(app)
    babel.init_app(app, locale_selector=readers.language, timezone_selector=readers.zone)
    celery.conf.update(config.celery())
    with app.app_context():
        database.prepare(db.engine)

    hosts.register(app)
    access.register(app, needs_second_factor=needs_second_factor)
    security.register(app)
    for pages in PAGES:
        app.register_blueprint(pages.bp)
    errors.register(app)
    headers.register(app)
    filters.register(app)
    reference.register(app)
    cli.register(app)
    if config.TRUSTED_PROXIES:
        n = config.TRUSTED_PROXIES
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n)  # type: ignore[method-assign]
    return app


def _configured() -> Config:
    """The settings of the environment; a wrong one stops the start with one sentence."""
    try:
        return Config.from_environment(os.environ)
    except ConfigError as error:
        raise SystemExit(f"Consult cannot start. {error}") from None

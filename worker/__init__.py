"""The Celery application: tasks fetch, call a verb, commit."""

import os

from celery import Task
from celery.signals import worker_ready

from consult import create_app
from consult.extensions import celery

os.umask(0o077)  # as in wsgi.py
flask_app = create_app()


class InAppContext(Task):  # type: ignore[misc]  # Celery is untyped
    """Runs each task inside the Flask application, with a session of its own."""

    def __call__(self, *args: object, **kwargs: object) -> object:
        with flask_app.app_context():
            return self.run(*args, **kwargs)


celery.Task = InAppContext
celery.conf.update(
    include=[
        "worker.outbox",
        "worker.campaigns",
        "worker.attendance",
        "worker.accreditation",
        "worker.registration",
        "worker.files",
    ],
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    beat_schedule={
        "deliver": {"task": "worker.outbox.deliver", "schedule": 30, "options": {"expires": 25}},
        "invite": {"task": "worker.campaigns.invite", "schedule": 30, "options": {"expires": 25}},
        "close": {"task": "worker.accreditation.close_circulations", "schedule": 30, "options": {"expires": 25}},
        "remind": {"task": "worker.accreditation.remind", "schedule": 3600, "options": {"expires": 3500}},
        "offers": {"task": "worker.registration.expire_offers", "schedule": 30, "options": {"expires": 25}},
        "follow-ups": {"task": "worker.registration.send_follow_ups", "schedule": 30, "options": {"expires": 25}},
        "badges": {"task": "worker.registration.make_badges", "schedule": 30, "options": {"expires": 25}},
        "erase": {"task": "worker.registration.erase", "schedule": 3600, "options": {"expires": 3500}},
        "files": {"task": "worker.files.sweep", "schedule": 3600, "options": {"expires": 3500}},
        "reports": {"task": "worker.attendance.read_reports", "schedule": 30, "options": {"expires": 25}},
        "compile": {"task": "worker.attendance.compile_summaries", "schedule": 30, "options": {"expires": 25}},
    },
)


@worker_ready.connect  # type: ignore[untyped-decorator]
def look_at_once(**_: object) -> None:
    """A worker that starts does not wait for beat: what was left by one that died is looked for now."""
    for entry in celery.conf.beat_schedule.values():
        celery.send_task(entry["task"], retry=False)

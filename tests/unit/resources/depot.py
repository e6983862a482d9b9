"""Depot: the smallest service with master data, and with records that belong to an owner."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from shared.commands import Commands
from shared.domain import Aggregate, event
from shared.fields import Changes, Code, Date, Quantity, Text, limits
from shared.master_data import master
from shared.module import Module
from shared.projections import ResourceProjection
from shared.service import Service
from shared.web import Reply, Resource, accepts, commands_getter, created_reply, resource_reply
from shared.web.declared import change_schema_of


class Kind(StrEnum):
    SHELF = "shelf"
    PALLET = "pallet"


@dataclass(frozen=True, kw_only=True)
class BinEntry:
    """A bin of the depot."""

    code: Code
    name: Annotated[Text, limits(max=40)]
    kind: Kind
    capacity: Quantity | None = None
    checked_on: Date | None = None


bins = master(BinEntry, path="bins", search=("code", "name"))


@dataclass(frozen=True, kw_only=True)
class OpenJob:
    """Request to open a job."""

    title: Text


class Job(Aggregate):
    @event("Opened")
    def __init__(self, job: OpenJob, owner: str) -> None:
        self.title, self.owner = job.title, owner

    @event("Renamed")
    def rename(self, job: OpenJob) -> None:
        self.title = job.title


class Jobs(ResourceProjection):
    """All jobs of the depot, each of one user."""

    aggregate_class = Job
    columns = {"title": str, "owner": str}
    search = ("title",)
    owned_by = "owner"

    @staticmethod
    def to_row(job: Job) -> dict[str, Any]:
        return {"title": job.title, "owner": job.owner}


class JobCommands(Commands):
    def open(self, job: OpenJob) -> Job:
        return self.uow.save(Job(job, self.actor))

    def rename(self, job_id: UUID, changes: Changes[OpenJob]) -> Job:
        job = self.uow.get(Job, job_id)
        job.rename(changes.apply_to(OpenJob(title=job.title)))
        return self.uow.save(job)


commands = commands_getter(JobCommands)
jobs = Resource("jobs", Jobs)


@jobs.post("", sheets=True)
@accepts(OpenJob)
def open_job(body: OpenJob) -> Reply:
    """Open a job, owned by the caller."""
    return created_reply(Jobs, commands().open(body))


@jobs.patch("/<uuid:job_id>")
@accepts(change_schema_of(OpenJob, "RenameJob"))
def rename_job(job_id: UUID, body: Changes[OpenJob]) -> Reply:
    """Change the title of a job."""
    return resource_reply(Jobs, commands().rename(job_id, body))


class Depot(Service):
    NAME = "depot"
    modules = (Module("jobs", commands=JobCommands, projections=(Jobs,), resources=(jobs,), master_data=(bins,)),)

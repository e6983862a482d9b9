"""Preloading: what every process of a service derives from declarations is derived before they are forked."""

from pathlib import Path

import pytest

from services.crm.service import Crm
from services.erp.service import Erp
from services.scm.service import Scm
from services.srm.service import Srm
from shared.event_codec import stored_form
from shared.preload import preload
from shared.service import Service
from shared.testing.services import open_service
from shared.testing.web import create_client
from shared.web import resources_of_modules

SERVICES = (Crm, Srm, Scm, Erp)


@pytest.mark.parametrize("service_class", SERVICES, ids=lambda each: each.NAME)
def test_the_app_of_a_preloaded_service_adds_no_operation_of_its_own(
    service_class: type[Service], tmp_path: Path
) -> None:
    preload(service_class)
    before = _operations(service_class)
    create_client(open_service(service_class, tmp_path))
    assert before == _operations(service_class)
    assert any(rule == "" and method == "GET" for _, method, rule in before), "no list was added"


def test_preloading_twice_changes_nothing() -> None:
    preload(Crm)
    before = _operations(Crm)
    preload(Crm)
    assert _operations(Crm) == before


@pytest.mark.parametrize("service_class", SERVICES, ids=lambda each: each.NAME)
def test_a_preloaded_service_reads_the_firm_without_deriving_the_form_of_its_events(
    service_class: type[Service], tmp_path: Path
) -> None:
    service = open_service(service_class, tmp_path)
    stored_form.cache_clear()
    preload(service_class)
    before = stored_form.cache_info().misses
    assert service.runner.firm.current_date
    assert (stored_form.cache_info().misses, stored_form.cache_info().hits > 0) == (before, True)


def _operations(service_class: type[Service]) -> set[tuple[str, str, str]]:
    return {
        (resource.name, method, rule)
        for resource in resources_of_modules(service_class)
        for method, rule in resource.operations
    }

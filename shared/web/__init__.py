"""HTTP API of a service: requests are validated strictly, responses have the same form everywhere.

customers = Resource("customers", Customers)      # GET /customers and GET /customers/<id>

class RegisterCustomer(Schema):
    code = fields.Code(required=True)

@customers.post("")
@accepts(RegisterCustomer)
def register(body: dict[str, Any]) -> Reply:
    return created_reply(Customers, customers().register(**body))
"""

from shared.web import fields
from shared.web.app import build_service_app, configure_app, create_service_app, resources_of_modules
from shared.web.body import parse_json, read_body_bytes, read_body_file
from shared.web.commands import EffectiveDateSchema
from shared.web.declared import accepts
from shared.web.problems import ProblemError, invalid_value
from shared.web.replies import Reply, commands_getter, created_reply, current_service, json_reply, resource_reply
from shared.web.resource import Resource
from shared.web.schema import Schema

__all__ = [
    "EffectiveDateSchema", "ProblemError", "Reply", "Resource", "Schema", "accepts", "build_service_app",
    "commands_getter", "configure_app", "create_service_app", "created_reply", "current_service", "fields",
    "invalid_value", "json_reply", "parse_json", "read_body_bytes", "read_body_file", "resource_reply",
    "resources_of_modules",
]  # fmt: skip

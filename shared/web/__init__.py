"""How the outside asks and commands: strict in what it takes, the same everywhere in what it answers.

customers = Resource("customers", Customers)      # GET /customers and GET /customers/<id>

class RegisterCustomer(Schema):
    code = fields.Code(required=True)

@customers.post("")
@accepts(RegisterCustomer)
def register(body: dict[str, Any]) -> Reply:
    return created(Customers, service().register_customer(**body))
"""

from shared.web import fields
from shared.web.answers import Reply, answer, created, shown
from shared.web.app import create_service_app, harden, serve, service_app
from shared.web.body import parsed, read_body
from shared.web.commands import Effective
from shared.web.problems import Problem, wrong
from shared.web.resource import Resource, serving
from shared.web.schema import Schema, accepts

__all__ = [
    "Effective",
    "Problem",
    "Reply",
    "Resource",
    "Schema",
    "accepts",
    "answer",
    "create_service_app",
    "created",
    "fields",
    "harden",
    "parsed",
    "read_body",
    "serve",
    "service_app",
    "serving",
    "shown",
    "wrong",
]

"""A small, correct connector with its simulator: proves that the suite passes what is right."""

from tests.contract.connectors.example.code import Example
from tests.contract.connectors.example.fake import ExampleFake

CONNECTOR = Example()
FAKE = ExampleFake

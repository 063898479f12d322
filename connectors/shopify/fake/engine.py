"""GraphQL executed for real: parsed and validated once per document, costed, run against the shop's resolvers.

graphql-core is needed here only, and imported when a shop answers its first request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    build_schema,
    execute_sync,
    get_directive_values,
    get_named_type,
    get_nullable_type,
    get_variable_values,
    is_leaf_type,
    is_list_type,
    parse,
    validate,
    value_from_ast_untyped,
)

from connectors.shopify.fake.schema import SDL
from hub.model.values import Doc

MUTATION_COST: Final = 10
"""Recorded: a mutation costs 10 besides what it returns."""
Resolver = Callable[..., Any]


@cache
def schema() -> GraphQLSchema:
    """Return the schema that the fake serves."""
    return build_schema(SDL)


@lru_cache(maxsize=512)
def prepare(query: str) -> DocumentNode | tuple[Doc, ...]:
    """Return the parsed document, or the errors of its grammar or of its fields."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return (_formatted(error, "PARSE_ERROR"),)
    errors = validate(schema(), document)
    return tuple(_formatted(error, "INVALID_DOCUMENT") for error in errors) or document


def _formatted(error: GraphQLError, code: str) -> Doc:
    return {**error.formatted, "extensions": {"code": code, **(error.extensions or {})}}


def run(document: DocumentNode, roots: Mapping[str, Resolver], variables: Doc) -> Doc:
    """Execute; return `{data, errors}` as the API writes them."""
    operation = _operation(document)
    coerced = get_variable_values(schema(), operation.variable_definitions or (), variables)
    if isinstance(coerced, list):
        return {"errors": [_formatted(error, "INVALID_VARIABLE") for error in coerced]}
    result = execute_sync(schema(), document, root_value=roots, variable_values=variables)
    out: Doc = {"data": result.data}
    if result.errors:
        out["errors"] = [_formatted(error, "INTERNAL_SERVER_ERROR") for error in result.errors]
    return out


def idempotency_key(info: Any) -> str:
    """Return the key of `@idempotent` on the field being resolved. Raises the recorded error where there is none."""
    directive = info.schema.get_directive("idempotent")
    values = get_directive_values(directive, info.field_nodes[0], info.variable_values)
    if not values:
        message = "The @idempotent directive is required for this mutation but was not provided."
        raise GraphQLError(message, extensions={"code": "BAD_REQUEST"})
    return str(values["key"])


def demand(lines: Any, kind: str) -> None:
    """Raise the recorded error unless every line states changeFromQuantity, null included."""
    if any("changeFromQuantity" not in line for line in lines):
        message = f"{kind} must include the following argument: changeFromQuantity."
        raise GraphQLError(message, extensions={"code": "INVALID_FIELD_ARGUMENTS"})


def denied(field: str, scope: str) -> GraphQLError:
    """Return the error for a field whose scope the token lacks."""
    extensions = {"code": "ACCESS_DENIED", "requiredAccess": f"`{scope}` access scope."}
    return GraphQLError(f"Access denied for {field} field. Required access: `{scope}` access scope.", extensions=extensions)


def invalid(message: str) -> GraphQLError:
    """Return the error for a request that the fake cannot serve."""
    return GraphQLError(message, extensions={"code": "BAD_REQUEST"})


def cost(document: DocumentNode, variables: Doc, data: Any = ...) -> int:
    """Return the points of a document: what it asks for or, with `data`, what it got.

    Objects 1, scalars 0, a connection as many as `first` (or as it returned), plain lists only what their elements hold,
    mutations 10 more. Recorded costs of connections are lower; this is the documented upper bound.
    """
    operation = _operation(document)
    meter = _Meter(document, variables)
    mutation = operation.operation is OperationType.MUTATION
    root = schema().mutation_type if mutation else schema().query_type
    assert root is not None
    if mutation:
        return MUTATION_COST + meter.inside(operation.selection_set, root, data, free=True)
    return meter.inside(operation.selection_set, root, data)


def _operation(document: DocumentNode) -> OperationDefinitionNode:
    return next(each for each in document.definitions if isinstance(each, OperationDefinitionNode))


class _Meter:
    """Counts objects along the selections of one document."""

    def __init__(self, document: DocumentNode, variables: Doc) -> None:
        self._variables = variables
        self._fragments = {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}

    def inside(self, selections: SelectionSetNode | None, parent: Any, data: Any, *, free: bool = False) -> int:
        """Sum the fields of a selection set; `free`: the objects themselves cost nothing (a mutation's payload)."""
        total = 0
        for node in selections.selections if selections else ():
            if isinstance(node, FieldNode):
                total += self._field(node, parent, data, free=free)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self._fragments[node.name.value]
                total += self._fragment(fragment.selection_set, fragment.type_condition.name.value, data, free=free)
            elif isinstance(node, InlineFragmentNode) and node.type_condition:
                total += self._fragment(node.selection_set, node.type_condition.name.value, data, free=free)
        return total

    def _fragment(self, selections: SelectionSetNode, kind: str, data: Any, *, free: bool) -> int:
        return self.inside(selections, schema().type_map[kind], data, free=free)

    def _field(self, node: FieldNode, parent: Any, data: Any, *, free: bool) -> int:
        if not isinstance(parent, GraphQLObjectType) or node.name.value.startswith("__"):
            return 0
        kind = parent.fields[node.name.value].type
        named: Any = get_named_type(kind)
        held = data if data is ... else (data or {}).get(node.alias.value if node.alias else node.name.value)
        if is_leaf_type(named) or named.name == "PageInfo" or held is None:
            return 0
        if named.name.endswith("Connection"):
            return self._connection(node, named, held)
        if is_list_type(get_nullable_type(kind)):
            return self._list(node, named, held)
        return (0 if free else 1) + self.inside(node.selection_set, named, held)

    def _connection(self, node: FieldNode, named: Any, held: Any) -> int:
        if held is not ...:
            return self._elements(node, named, held.get("nodes") or [])
        first = self._argument(node, "first")
        return int(first or 0) * self._elements(node, named, [...])

    def _elements(self, node: FieldNode, named: Any, elements: list[Any]) -> int:
        inner = next((each for each in _fields(node) if each.name.value == "nodes"), None)
        if inner is None:
            return 0
        kind = get_named_type(named.fields["nodes"].type)
        return sum(1 + self.inside(inner.selection_set, kind, element) for element in elements)

    def _list(self, node: FieldNode, named: Any, held: Any) -> int:
        if node.name.value == "nodes":
            elements = [...] * len(self._argument(node, "ids") or ()) if held is ... else [each for each in held if each]
            return sum(1 + self.inside(node.selection_set, named, element) for element in elements)
        elements = [...] if held is ... else held
        return sum(self.inside(node.selection_set, named, element) for element in elements[:1])

    def _argument(self, node: FieldNode, name: str) -> Any:
        found = next((each for each in node.arguments or () if each.name.value == name), None)
        return value_from_ast_untyped(found.value, self._variables) if found else None


def _fields(node: FieldNode) -> list[FieldNode]:
    return [each for each in (node.selection_set.selections if node.selection_set else ()) if isinstance(each, FieldNode)]

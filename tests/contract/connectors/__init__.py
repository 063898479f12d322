"""One suite over every connector. Its modules are no test files, so pytest must be told to explain their assertions."""

import pytest

pytest.register_assert_rewrite("tests.contract.connectors.contract", "tests.contract.connectors.case")

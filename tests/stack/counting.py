"""A value of a template that is another each time it is asked for. Imports the CDK."""

from __future__ import annotations

import itertools

import aws_cdk as cdk
import jsii


@jsii.implements(cdk.IStringProducer)
class Counting:
    """Produces 1, 2, 3 and so on."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def produce(self, context: cdk.IResolveContext) -> str:
        """Return the next number."""
        del context
        return str(next(self._numbers))

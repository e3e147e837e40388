"""How a stack can receive a context wrongly: one that is invalid, and one that is valid.

Source: specs/storage-hardening, "Invalid context refused".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from policies.model import Outcome
from proof.making import VIOLATED, noticed
from proof.matrix import Matrix, MatrixMutant, on_matrix, received
from proof.model import Form
from proof.scenarios import EVERY, INVALID_REFUSED
from stack.settings import ContextRefused, Problem
from stack.synth import Synthesis

NOT_AS_IT_MUST = noticed(VIOLATED, INVALID_REFUSED)
"""An invalid context that was received otherwise than it must be."""
NOTHING_JUDGED = noticed(frozenset({Outcome.ERROR}), *EVERY)
"""A context that should have given a template and did not: nothing is known of any table."""


def _refusals(matrix: Matrix) -> Iterator[tuple[Synthesis, tuple[Problem, ...]]]:
    return ((one, one.refused or ()) for one in matrix.invalid.values())


def _refused(one: Synthesis, problems: Iterable[Problem], told: Iterable[Problem] | None = None) -> Synthesis:
    """Return a refusal for problems; `told` are those of the message, where that tells others."""
    refused = tuple(problems)
    return replace(one, refused=refused, message=str(ContextRefused(refused if told is None else tuple(told))))


def _without(problems: tuple[Problem, ...], key: str) -> tuple[Problem, ...]:
    return tuple(problem for problem in problems if problem.key != key)


# An invalid context


@on_matrix(Form.SYNTHESISED, NOT_AS_IT_MUST)
def invalid_context_synthesised(matrix: Matrix) -> Iterator[MatrixMutant]:
    """An invalid context gives the template of the defaults, without a word."""
    defaults = matrix.syntheses["defaults"]
    for one in matrix.invalid.values():
        yield received(matrix, replace(defaults, context=one.context))


@on_matrix(Form.SYNTHESISED, NOT_AS_IT_MUST)
def invalid_context_refused_and_synthesised(matrix: Matrix) -> Iterator[MatrixMutant]:
    """A refusal is told, and a template left behind all the same."""
    defaults = matrix.syntheses["defaults"]
    for one in matrix.invalid.values():
        yield received(matrix, replace(defaults, context=one.context, refused=one.refused, message=one.message))


@on_matrix(Form.MISSING, NOT_AS_IT_MUST)
def refusal_of_another_kind(matrix: Matrix) -> Iterator[MatrixMutant]:
    """The CDK fails over the context, with a message that tells no key."""
    for one in matrix.invalid.values():
        yield received(matrix, Synthesis(one.context, failure="TypeError: the value is of a wrong type"))


@on_matrix(Form.MISSING, NOT_AS_IT_MUST)
def message_missing(matrix: Matrix) -> Iterator[MatrixMutant]:
    """The context is refused without a word."""
    for one in matrix.invalid.values():
        yield received(matrix, replace(one, message=""))


@on_matrix(Form.MISSING, NOT_AS_IT_MUST)
def key_not_refused(matrix: Matrix) -> Iterator[MatrixMutant]:
    """A wrong key is passed over, be it the only one or one of several."""
    for one, problems in _refusals(matrix):
        for key in one.context.refused:
            yield received(matrix, _refused(one, _without(problems, key)))


@on_matrix(Form.MISSING, NOT_AS_IT_MUST)
def key_not_told(matrix: Matrix) -> Iterator[MatrixMutant]:
    """A wrong key is refused, but the message does not tell it."""
    for one, problems in _refusals(matrix):
        for key in one.context.refused:
            yield received(matrix, _refused(one, problems, _without(problems, key)))


@on_matrix(Form.MISSING, NOT_AS_IT_MUST)
def allowed_not_told(matrix: Matrix) -> Iterator[MatrixMutant]:
    """The message tells the key and what was found, but not what is allowed."""
    for one, problems in _refusals(matrix):
        yield received(matrix, _refused(one, problems, (problem._replace(allowed="") for problem in problems)))


@on_matrix(Form.MISSING, NOT_AS_IT_MUST)
def nothing_allowed(matrix: Matrix) -> Iterator[MatrixMutant]:
    """The refusal itself knows nothing of what is allowed."""
    for one, problems in _refusals(matrix):
        yield received(matrix, _refused(one, (problem._replace(allowed="") for problem in problems)))


@on_matrix(Form.WRONG_LITERAL, NOT_AS_IT_MUST)
def another_key_refused(matrix: Matrix) -> Iterator[MatrixMutant]:
    """The refusal names a key that is spelled otherwise."""
    for one, problems in _refusals(matrix):
        yield received(matrix, _refused(one, (problem._replace(key=problem.key.upper()) for problem in problems)))


@on_matrix(Form.MOVED, NOT_AS_IT_MUST)
def allowed_told_of_another_key(matrix: Matrix) -> Iterator[MatrixMutant]:
    """The message tells what is allowed, but in a line about another key."""
    for one, problems in _refusals(matrix):
        told = (
            line
            for problem in problems
            for line in (problem._replace(allowed="else"), Problem("worthwatch:other", "1", problem.allowed))
        )
        yield received(matrix, _refused(one, problems, told))


@on_matrix(Form.HARMLESS, {})
def another_key_refused_too(matrix: Matrix) -> Iterator[MatrixMutant]:
    """The refusal names one key more than it must."""
    for one, problems in _refusals(matrix):
        yield received(matrix, _refused(one, (*problems, Problem("worthwatch:other", "1", "no such key"))))


@on_matrix(Form.HARMLESS, {})
def refusal_in_other_words(matrix: Matrix) -> Iterator[MatrixMutant]:
    """The problems come in another order, and the message has other words around them."""
    for one, problems in _refusals(matrix):
        told = [f"- {problem.allowed} is what {problem.key} may be" for problem in reversed(problems)]
        yield received(matrix, replace(one, refused=problems[::-1], message="\n".join(["No.", *told])))


# A valid context


@on_matrix(Form.REFUSED, NOTHING_JUDGED)
def valid_context_refused(matrix: Matrix) -> Iterator[MatrixMutant]:
    """A valid context is refused."""
    for one in matrix.valid.values():
        yield received(matrix, _refused(Synthesis(one.context), [Problem("worthwatch:stage", '"dev"', "prod")]))


@on_matrix(Form.MISSING, NOTHING_JUDGED)
def valid_context_failed(matrix: Matrix) -> Iterator[MatrixMutant]:
    """The CDK fails over a valid context, and there is no template."""
    for one in matrix.valid.values():
        yield received(matrix, Synthesis(one.context, failure="RuntimeError: out of luck"))


@on_matrix(Form.WRONG_TYPE, NOTHING_JUDGED)
def template_cut(matrix: Matrix) -> Iterator[MatrixMutant]:
    """What is written of a valid context is half a template."""
    for one in matrix.valid.values():
        template = one.template or b""
        yield received(matrix, replace(one, template=template[: len(template) // 2]))

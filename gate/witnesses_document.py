"""What other scanners notice of the proof's mutants, as `proof/proof.schema.json` describes it."""

from __future__ import annotations

from gate.witnesses import Hearing, Witness


def as_json(hearing: Hearing) -> dict[str, object]:
    """Return it in plain JSON values."""
    agreement = hearing.agreement
    return {
        "templates": hearing.templates,
        "mutants": hearing.mutants,
        "violations": [{"scenario": name, "mutants": count} for name, count in sorted(hearing.violations.items())],
        "scanners": [_witness(witness, hearing) for witness in hearing.witnesses],
        "agreement": {
            "pairs": agreement.asked,
            "compared": agreement.compared,
            "disagreements": [
                {
                    "scanner": one.pair.scanner,
                    "rule": one.pair.rule,
                    "scenario": one.pair.scenario,
                    "side": str(one.side),
                    "resource": one.resource,
                    "mutants": one.contexts,
                    "why": one.explanation and one.explanation.why,
                }
                for one in agreement.disagreements
            ],
            "stale": [
                {
                    "scanner": pair.scanner,
                    "rule": pair.rule,
                    "scenario": pair.scenario,
                    "side": str(one.side),
                    "operators": list(one.operators),
                }
                for pair, one in agreement.stale
            ],
        },
        "idle_answers": [{"scanner": scanner, "rule": rule} for scanner, rule in hearing.idle],
        "problems": [{"scanner": scanner, "message": said} for scanner, said in hearing.problems],
        "exit_code": hearing.exit_code,
    }


def _witness(witness: Witness, hearing: Hearing) -> dict[str, object]:
    return {
        "name": witness.name,
        "version": witness.version,
        "unread": witness.unread,
        "read": [{"scenario": name, "mutants": count} for name, count in sorted(witness.read.items())],
        "noticed": [{"scenario": name, "mutants": count} for name, count in sorted(witness.noticed.items())],
        "alone": [
            {"rule": rule, "mutants": names, "answer": hearing.answers.get((witness.name, rule))}
            for rule, names in sorted(witness.alone.items())
        ],
    }

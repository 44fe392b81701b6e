"""Audits one case with refaudit and writes the audit document; runs inside its environment."""

from subject import load, read_case, write_answer


def main():
    """Three warm-ups, three runs: enough for every cache that the cases fill."""
    case, answer = read_case()
    trigger = load(case)
    import refaudit

    explain = {"explain": True} if case.get("explain") else {}
    report = refaudit.check(trigger, warmup=case["warmup"], runs=case["runs"], **explain)
    write_answer(answer, report.document)


main()

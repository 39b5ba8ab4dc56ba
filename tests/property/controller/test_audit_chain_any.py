"""The chain of the audit log: whatever its lines say, any change to any of them is found."""

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from controller.ports.people import AuditRow
from controller.service.people.chain import BEGIN, first_break, link

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
INSTANTS = st.floats(0, 4e9, allow_nan=False)
CONTENTS = st.tuples(INSTANTS, *[WORDS] * 7)


@dataclass
class Log:
    """A log in memory."""

    rows: list[AuditRow]

    @classmethod
    def of(cls, contents: list[tuple[float, str, str, str, str, str, str, str]]) -> "Log":
        rows: list[AuditRow] = []
        before = BEGIN
        for number, content in enumerate(contents, 1):
            row = AuditRow(number, *content, b"")
            before = link(before, row)
            rows.append(row._replace(hash=before))
        return cls(rows)


LOGS = st.lists(CONTENTS, min_size=1, max_size=12).map(Log.of)


@given(LOGS)
def test_what_was_written_holds(log: Log) -> None:
    broken, number, head = first_break(log.rows)
    assert (broken, number, head) == (None, len(log.rows), log.rows[-1].hash)


@given(LOGS, st.data())
def test_any_change_is_found_where_it_is(log: Log, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(log.rows) - 1))
    field = data.draw(st.integers(1, len(AuditRow._fields) - 1))
    old_row = log.rows[at]
    old = old_row[field]
    others = {float: INSTANTS, str: WORDS, bytes: st.binary(min_size=32, max_size=32)}
    new = data.draw(others[type(old)])
    changed = [*log.rows]
    changed[at] = AuditRow._make([*old_row[:field], new, *old_row[field + 1 :]])
    broken, number, _ = first_break(changed)
    if new == old:
        assert broken is None
    else:
        assert broken is not None
        assert (broken.number, number) == (at + 1, at)


@given(LOGS, st.data())
def test_a_line_taken_out_or_moved_is_found(log: Log, data: st.DataObject) -> None:
    """At the end nothing is to be seen in the chain: there the anchored head tells."""
    at = data.draw(st.integers(0, len(log.rows) - 1))
    to = data.draw(st.integers(0, len(log.rows) - 1))
    without = [*log.rows[:at], *log.rows[at + 1 :]]
    broken, number, head = first_break(without)
    if at == len(log.rows) - 1:
        assert (broken, number) == (None, at)
        assert head != log.rows[-1].hash
    else:
        assert broken is not None
        assert broken.number == at + 1
    moved = [*without[:to], log.rows[at], *without[to:]]
    broken, _, _ = first_break(moved)
    assert (broken is None) == (moved == log.rows)


@given(CONTENTS)
def test_words_do_not_run_into_each_other(
    content: tuple[float, str, str, str, str, str, str, str],
) -> None:
    """A line whose words are cut elsewhere is another line."""
    row = AuditRow(1, *content, b"")
    joined = row._replace(actor=row.actor + row.via, via="")
    assert (link(BEGIN, row) == link(BEGIN, joined)) == (row.via == "")

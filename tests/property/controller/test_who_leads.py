"""Controllers of one site over a bus that loses, parts and freezes: who leads, and for how long."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from controller.engine.leadership import (
    LISTEN_S,
    PAUSE_S,
    STAGGER_S,
    TAKEOVER_S,
    Beat,
    Leadership,
    Step,
)

TICK_S = 0.5
HEARD_WITHIN_S = 2 * TICK_S
TAKES_OVER_WITHIN_S = 30.0


@dataclass
class Node:
    """A controller with its store; `is_up` says that the process runs, `is_linked` the rest."""

    name: str
    known: int = 0
    led: int = 0
    rev: int = 0
    machine: Leadership | None = None
    runs: int = 0
    is_frozen: bool = False
    is_linked: bool = True
    inbox: list[Beat] = field(default_factory=list)
    must_speak: bool = False

    def start(self, at: float) -> None:
        self.runs += 1
        self.machine = Leadership(
            f"{self.name}-{self.runs}", known_epoch=self.known, led_epoch=self.led, at=at
        )
        self.inbox.clear()
        self.take(self.machine.link(at, is_up=self.is_linked), at)

    def kill(self) -> None:
        self.machine = None
        self.is_frozen = False

    def thaw(self, at: float) -> None:
        """It runs on, and finds out what became of its link meanwhile."""
        if self.is_frozen:
            self.is_frozen = False
            assert self.machine is not None
            self.take(self.machine.link(at, is_up=self.is_linked), at)

    def link(self, at: float, *, is_up: bool) -> None:
        self.is_linked = is_up
        self.inbox.clear()
        if self.machine is not None and not self.is_frozen:
            self.take(self.machine.link(at, is_up=is_up), at)

    def take(self, step: Step | None, at: float) -> None:
        machine = self.machine
        assert machine is not None
        if step is Step.BEAT:
            self.must_speak = True
        elif step is Step.FOLLOW:
            self.known, self.led = max(self.known, machine.highest_epoch), 0
            self.rev = max(self.rev, machine.highest_rev)
        elif step is Step.CLAIM:
            is_successor = machine.is_successor
            self.known = self.led = max(self.known, machine.highest_epoch) + 1
            if is_successor:
                self.rev = max(self.rev, machine.highest_rev) + 1_000
            self.rev += 100
            machine.lead(self.known, at)
            self.must_speak = True

    def turn(self, at: float) -> Beat | None:
        """What the process does in one round; its heartbeat, if it says one."""
        machine = self.machine
        if machine is None or self.is_frozen:
            return None
        step = machine.tick(at)
        heard, self.inbox = self.inbox, []
        for beat in heard:
            self.take(machine.hear(beat, at), at)
        self.take(step, at)
        if not self.must_speak or not self.is_linked:
            return None
        self.must_speak = False
        machine.spoke(at)
        return Beat(machine.instance, machine.is_active, machine.epoch, self.rev, "d")


def play(nodes: list[Node], seconds: float, at: float) -> tuple[float, float, float]:
    """Let time pass; returns the time at the end, the longest stretch in which two that hear
    each other might send, and the longest in which nobody led."""
    together_s = longest_together_s = alone_s = longest_alone_s = 0.0
    end = at + seconds
    while at < end:
        at += TICK_S
        for node in nodes:
            beat = node.turn(at)
            if beat is not None:
                for other in nodes:
                    if other.machine is not None and other.is_linked:
                        other.inbox.append(beat)
        senders = [
            node
            for node in nodes
            if node.machine is not None and not node.is_frozen and node.machine.may_send(at)
        ]
        together_s = together_s + TICK_S if len(senders) > 1 else 0.0
        alone_s = alone_s + TICK_S if not senders else 0.0
        longest_together_s = max(longest_together_s, together_s)
        longest_alone_s = max(longest_alone_s, alone_s)
    return at, longest_together_s, longest_alone_s


faults = st.lists(
    st.tuples(
        st.sampled_from(["kill", "start", "freeze", "thaw", "part", "join"]),
        st.integers(0, 2),
        st.floats(0.5, 60),
    ),
    max_size=25,
)


@given(faults=faults, count=st.integers(2, 3))
@settings(max_examples=150, deadline=None)
def test_two_that_hear_each_other_do_not_both_send_and_someone_takes_over(
    faults: list[tuple[str, int, float]], count: int
) -> None:
    nodes = [Node(f"c{number}") for number in range(count)]
    at = 1_000.0
    for node in nodes:
        node.start(at)
    at, _, _ = play(nodes, 10, at)
    for kind, number, seconds in faults:
        node = nodes[number % count]
        match kind:
            case "kill":
                node.kill()
            case "start" if node.machine is None:
                node.start(at)
            case "freeze":
                node.is_frozen = node.machine is not None
            case "thaw":
                node.thaw(at)
            case "part":
                node.link(at, is_up=False)
            case "join" if not node.is_linked:
                node.link(at, is_up=True)
            case _:
                pass
        at, together_s, _ = play(nodes, seconds, at)
        assert together_s <= HEARD_WITHIN_S
    # Whatever happened: with one of them alive and linked somebody leads soon.
    survivor = nodes[0]
    for node in nodes[1:]:
        node.kill()
    if survivor.machine is None:
        survivor.start(at)
    survivor.thaw(at)
    if not survivor.is_linked:
        survivor.link(at, is_up=True)
    at, _, alone_s = play(nodes, 120, at)
    assert alone_s <= TAKES_OVER_WITHIN_S
    assert survivor.machine is not None
    assert survivor.machine.may_send(at)


@given(silent_s=st.floats(0, TAKEOVER_S - 4))
def test_a_leader_that_is_silent_for_a_while_is_left_alone(silent_s: float) -> None:
    nodes = [Node("a"), Node("b")]
    nodes[0].start(0.0)
    at, _, _ = play(nodes, 10, 0.0)
    nodes[1].start(at)
    at, _, _ = play(nodes, 20, at)
    first = nodes[0].machine
    assert first is not None
    assert first.may_send(at)
    nodes[0].is_frozen = True
    at, _, _ = play(nodes, silent_s, at)
    nodes[0].is_frozen = False
    at, _, _ = play(nodes, PAUSE_S + LISTEN_S + STAGGER_S + TAKEOVER_S, at)
    assert first.may_send(at)
    assert first.epoch == 1


@given(pause_s=st.floats(PAUSE_S + 2 * TICK_S, 10_000))
def test_after_a_pause_nothing_goes_out_before_others_were_heard(pause_s: float) -> None:
    node = Node("a")
    node.start(0.0)
    at, _, _ = play([node], 10, 0.0)
    machine = node.machine
    assert machine is not None
    assert machine.may_send(at)
    at += pause_s
    assert not machine.may_send(at)
    machine.tick(at)
    assert not machine.may_send(at)
    assert machine.hear(Beat("b", is_active=True, epoch=99, rev=7), at) is Step.FOLLOW
    assert not machine.is_active
    assert machine.highest_rev == 7


def test_one_that_leads_after_another_begins_above_its_revisions() -> None:
    nodes = [Node("a"), Node("b")]
    nodes[0].start(0.0)
    nodes[1].start(0.0)
    at, _, _ = play(nodes, 20, 0.0)
    leader = next(node for node in nodes if node.machine is not None and node.machine.is_active)
    other = next(node for node in nodes if node is not leader)
    leader.rev = 5_000
    at, _, _ = play(nodes, 10, at)
    leader.kill()
    at, _, _ = play(nodes, TAKES_OVER_WITHIN_S, at)
    assert other.machine is not None
    assert other.machine.may_send(at)
    assert other.rev > 5_000
    assert other.known == leader.known + 1


def test_an_older_controller_that_says_no_more_than_its_epoch_counts_as_active() -> None:
    node = Node("a")
    node.start(0.0)
    machine = node.machine
    assert machine is not None
    assert machine.hear(Beat("", is_active=True, epoch=3), 1.0) is Step.FOLLOW
    assert machine.tick(2.0 + LISTEN_S) is not Step.CLAIM


def test_nonsense_in_a_heartbeat_is_not_believed() -> None:
    node = Node("a")
    node.start(0.0)
    machine = node.machine
    assert machine is not None
    assert machine.hear(Beat("b", is_active=True, epoch=2**50), 1.0) is None
    assert machine.highest_epoch == 0


@given(after_s=st.floats(0, 10))
def test_one_that_starts_while_another_leads_never_leads_itself(after_s: float) -> None:
    nodes = [Node("a"), Node("b")]
    nodes[0].start(0.0)
    at, _, _ = play(nodes, 5 + after_s, 0.0)
    nodes[1].start(at)
    play(nodes, 60, at)
    assert nodes[0].known == 1
    assert nodes[1].led == 0
    assert nodes[1].machine is not None
    assert not nodes[1].machine.is_active

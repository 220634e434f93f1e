"""Everything that stands at one moment, and the few moves that all decisions are made of.

The decisions themselves are functions in the modules beside this one; `queues.acd` puts them together.
"""

from __future__ import annotations

from queues.commands import AcdCommand, OperatorStateChanged
from queues.errors import IllegalEvent, UnknownCall, UnknownOperator
from queues.matching import fit_to
from queues.operators import Move, Operator
from queues.policy import AcdPolicy, QueuePolicy
from queues.staff import Crew, Staff
from queues.timers import Timers
from queues.values import OperatorState, WrapUpMode
from queues.waiting_line import Line, Waiting, WaitingLine


class Floor:
    """The callers, the operators, and what is between them."""

    def __init__(self, policy: AcdPolicy) -> None:
        self.policy = policy
        self.staff = Staff()
        self.line = WaitingLine(policy, self._link_line)
        self.talking: dict[str, str] = {}
        """The operator of each connected call."""
        self.timers = Timers()
        self.announcements = Timers()
        """Apart from the others: nothing that is due there may hold up a match."""
        self.out: list[AcdCommand] = []
        self.news: dict[str, Line] = {}
        """Lines that have to be looked at: another caller stands first there, or takes a worse fit."""
        self.relaxing: dict[str, Line] = {}
        """Lines for which a timer is set, by number."""
        self.left: dict[str, tuple[float, float, int]] = {}
        """Who hung up while she waited, by token: until when she has her place again, since when she had
        waited, her rank."""
        self.staffed: set[str] = set()
        """Queues that somebody at work served when `queues.alarms.watch_staff` last looked."""

    def has_news(self) -> bool:
        """Whether somebody has to look whether anybody can be offered to anybody now."""
        return bool(self.staff.freed or self.news or self.staff.gone_crews)

    def take_out(self) -> list[AcdCommand]:
        """Return what is to be done; it is said once."""
        taken, self.out = self.out, []
        return taken

    def queue_policy(self, queue: str) -> QueuePolicy:
        """Return a queue's rules. Raises :class:`~queues.errors.IllegalEvent` for one that there is not."""
        rules = self.policy.queues.get(queue)
        if rules is None:
            raise IllegalEvent(f"{queue}: no such queue")
        return rules

    # ------------------------------------------------------------------------------------- operators

    def operator(self, operator_id: str) -> Operator:
        """Return an operator who is signed on. Raises :class:`~queues.errors.UnknownOperator`."""
        operator = self.staff.operators.get(operator_id)
        if operator is None or operator.state is OperatorState.SIGNED_OFF:
            raise UnknownOperator(f"operator {operator_id} is not signed on")
        return operator

    def move(
        self, operator: Operator, move: Move, reason: str | None = None, call_id: str | None = None
    ) -> None:
        """Move an operator to another state, and say so."""
        operator.move(move, reason)
        operator.call_id = call_id
        self.tell(operator)

    def tell(self, operator: Operator) -> None:
        """Say what an operator does now, and count her where she stands."""
        self.staff.note(operator)
        self.out.append(
            OperatorStateChanged(
                operator.id,
                operator.state,
                operator.reason or operator.next_reason,
                operator.call_id,
                operator.ends_at,
                operator.forced_by or operator.next_forced_by,
            )
        )

    def assign(self, operator: Operator) -> None:
        """Let an operator serve the queues, skills and languages that she has now."""
        crew = self.staff.assign(operator)
        if crew is not None:
            for line in self.line.all_lines():
                self._link(line, crew)

    # --------------------------------------------------------------------------------------- callers

    def waiting(self, call_id: str) -> Waiting:
        """Return a caller who waits. Raises :class:`~queues.errors.UnknownCall`."""
        waiting = self.line.get(call_id)
        if waiting is None:
            raise UnknownCall(f"{call_id} does not wait")
        return waiting

    def stand(self, waiting: Waiting) -> None:
        """Let a caller stand where she belongs: in line, or, while phones ring, where more may ring.

        Who is picked stands nowhere: one phone rings for her, and no other.
        """
        rules = self.policy.queues[waiting.call.queue]
        if not waiting.live:
            line = self.line.stand(waiting)
        elif len(waiting.live) < phones_at_once(rules) and not waiting.is_picked:
            line = self.line.stand_ringing(waiting)
        else:
            return
        if line is not None:
            self.news[line.number] = line

    # --------------------------------------------------------------------------------------- linking

    def link_anew(self) -> None:
        """Say anew who can serve whom."""
        for crew in self.staff.crews.values():
            crew.lines.clear()
            crew.ringing_lines.clear()
        for line in self.line.all_lines():
            line.crews.clear()
            for crew in self.staff.crews.values():
                self._link(line, crew)

    def _link_line(self, line: Line) -> None:
        if self.line.tidy(line):
            self.link_anew()
            return
        for crew in self.staff.crews.values():
            self._link(line, crew)

    @staticmethod
    def _link(line: Line, crew: Crew) -> None:
        how_well = fit_to(line.need, line.expressions, crew)
        if how_well is None:
            return
        line.crews.append((how_well, crew))
        line.crews.sort(key=lambda pair: pair[0])
        (crew.ringing_lines if line.is_ringing else crew.lines).append((line, how_well))


def rules_of(floor: Floor, operator: Operator) -> QueuePolicy:
    """Return the rules of the queue of an operator's call; of an adopted one, those with most time."""
    rules = floor.policy.queues.get(operator.queue or "")
    if rules is not None:
        return rules
    of_hers = [floor.policy.queues[queue] for queue in operator.queues]
    return max(of_hers, key=lambda one: one.wrap_up_s, default=QueuePolicy(wrap_up_s=0))


def must_wrap_up(floor: Floor, operator: Operator) -> bool:
    """Whether an operator is in a wrap-up that she may not end."""
    if operator.state is not OperatorState.WRAP_UP:
        return False
    return rules_of(floor, operator).wrap_up_mode is WrapUpMode.MANDATORY


def phones_at_once(rules: QueuePolicy) -> int:
    """Return how many phones ring for one caller."""
    return rules.ring_at_once if rules.strategy == "ring_all" else 1

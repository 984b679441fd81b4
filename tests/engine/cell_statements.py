"""Draw the statements of a random cell's step from the templates of `cell_grammar`.

Each statement fills the fields of a template with values of earlier statements, with preference for
values that nothing has read yet; the new states read the others. So nearly every statement has an
effect on the result.
"""

import random
import string
from collections.abc import Sequence

from tests.engine import cell_grammar as grammar


class Pool:
    """The values of one width.

    Args:
        generator: draws the values.
        values: the first values.
    """

    def __init__(self, generator: random.Random, values: Sequence[str]) -> None:
        self.random, self.values = generator, list(values)
        self.unread: list[str] = []
        self._last = ""

    def add(self, values: Sequence[str]) -> None:
        """Add values that nothing has read."""
        self.values += values
        self.unread += values

    def draw(self) -> str:
        """Return a value other than the last one if possible, preferably an unread one."""
        values = self.unread if self.random.random() < 0.6 else self.values
        others = [value for value in values if value != self._last] or self.values
        self._last = self.random.choice(others)
        if self._last in self.unread:
            self.unread.remove(self._last)
        return self._last

    def share(self, parts: int) -> str:
        """Return the sum of one of `parts` shares of the unread values, or a value."""
        share = self.unread[::parts] or [self.draw()]
        self.unread = [value for value in self.unread if value not in share]
        return " + ".join(share)


class StepDraft:
    """The statements of a step, and the declarations of its cell.

    Args:
        seed: determines the draft.

    Attributes:
        random: the generator of the draft.
        elementwise: True if every statement keeps the units apart.
        recurrent_shape: as in `RecurrentCell`, like `recurrent_gates` and `bias_gates`.
        gates: the gates with columns in the kernel; the gate "w" has the other width.
        states: the names of the states; "m" has the other width.
        other: the width of values that are not `units` wide, or None.
        output: the width of the output, "units" or `other`.
        weights: name of a further weight -> its shape; a width is an expression in `units`.
        lines: the statements.
    """

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.elementwise = self._chance(0.45)
        self.recurrent_shape = self.random.choices(["full", "diagonal", "none"], [8, 1, 1])[0]
        self.other = None
        if self.recurrent_shape != "diagonal" and self._chance(0.3):
            self.other = self.random.choice(list(grammar.WIDENING))
        self.output = "units"
        self.weights: dict[str, tuple] = {}
        narrow = ["h", "s", "r"][: self.random.choice((1, 1, 2, 2, 3))]
        self.states = list(narrow)
        if self.other:
            self.states.insert(self.random.choice((0, len(narrow))), "m")
        self.lines = ["units = self.units", f"{', '.join(self.states)}, = state"]
        self.narrow, self.wide = Pool(self.random, narrow), Pool(self.random, ["m"])
        self._narrow_states, self._operand_is_wide = narrow, self.states[0] == "m"
        self._draw_gates()
        self._draw_statements()
        self._draw_result()

    def _chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def _draw_gates(self) -> None:
        gates = list("abcd")[: self.random.randint(1, 4)]
        self.recurrent_gates, self.bias_gates = list(gates), list(gates)
        for subset in (self.recurrent_gates, self.bias_gates):
            if len(gates) > 1 and self._chance(0.15):
                subset.remove(self.random.choice(gates))
        self.gates = [*gates, "w"] if self.other and self._chance(0.5) else gates
        self.reads_sums = self.recurrent_shape != "none" and self._chance(0.4)
        self.columns = {gate: f"x{gate}" for gate in self.gates}
        if len(self.gates) > len(gates) or self._chance(0.3):
            self.lines.append(f"{', '.join(self.columns.values())}, = self.split(x).values()")
            self.wide.add([self.columns[gate] for gate in self.gates if gate == "w"])
        else:
            self._split("x", list(self.columns.values()))
        if not self.reads_sums:
            self.narrow.add([self.columns[gate] for gate in gates])

    def _draw_statements(self) -> None:
        if self.reads_sums:
            self._draw_sums()
        kinds = [(grammar.ELEMENTWISE, self.narrow)] * self.random.randint(1, 5)
        if self.recurrent_shape != "none":
            count = self.random.choice((0, 1) if self.reads_sums else (1, 2, 3))
            kinds += [(grammar.PRODUCTS, self.narrow)] * count
        if self._chance(0.35):
            kinds += [(grammar.MULTIPLICATIONS, self.narrow)] * self.random.choice((1, 2))
        if self.other:
            kinds += [(grammar.WIDENING[self.other], self.wide)] * self.random.choice((1, 2))
            kinds += [(grammar.NARROWING[self.other], self.narrow)]
        if not self.elementwise:
            kinds += [(grammar.COUPLING, self.narrow)] * self.random.choice((1, 1, 2, 4))
            if self.other:
                kinds += [(grammar.COUPLED_WIDENING, self.wide)] * self.random.choice((0, 1))
                kinds += [(grammar.COUPLED_NARROWING, self.narrow)] * self.random.choice((0, 1))
        self.random.shuffle(kinds)
        for templates, pool in kinds:
            if templates is grammar.PRODUCTS:
                self._add_product()
            else:
                self._add(self._fill(self.random.choice(templates)), pool)

    def _draw_sums(self) -> None:
        """Add a product with all columns, or one for each gate; nothing else reads them."""
        gates = list(range(len(self.recurrent_gates)))
        if self._chance(0.5):
            self._add_product(0, len(gates), grammar.SUMS)
            return
        self.random.shuffle(gates)
        for gate in gates:
            self._add_product(gate, 1, grammar.SUMS)

    def _add_product(
        self,
        first: int | None = None,
        count: int | None = None,
        templates: Sequence[str] = grammar.PRODUCTS,
    ) -> None:
        """Add a recurrent product with the columns of `count` adjacent gates, by default drawn."""
        total = len(self.recurrent_gates)
        if first is None or count is None:
            count = self.random.randint(1, total)
            first = self.random.randint(0, total - count)
        gates = self.recurrent_gates[first : first + count]
        read = gates
        if self._chance(0.1):  # the columns of other gates
            start = self.random.randint(0, total - count)
            read = self.recurrent_gates[start : start + count]
        names = "".join(f', "{gate}"' for gate in gates)
        result = self._fill(
            self.random.choice(templates),
            x=self._input_columns(read),
            columns="" if count == total and self._chance(0.7) else names,
        )
        if count == 1:
            self._add(result, self.narrow)
            return
        name = f"u{len(self.lines)}"
        self.lines.append(f"{name} = {result}")
        parts = [f"{name}{gate}" for gate in gates]
        self._split(name, parts)
        self.narrow.add(parts)

    def _input_columns(self, gates: Sequence[str]) -> str:
        """Return the expression of the columns of gates of the projected input."""
        if list(gates) == self.gates:
            return "x"
        if len(gates) == 1:
            return self.columns[gates[0]]
        first = self.gates.index(gates[0])
        if self.gates[first : first + len(gates)] == list(gates):
            return f"x[:, {first} * units : {first + len(gates)} * units]"
        return f"ops.concatenate([{', '.join(self.columns[gate] for gate in gates)}], -1)"

    def _split(self, name: str, parts: Sequence[str]) -> None:
        templates = grammar.SPLITS
        if not self.elementwise and self._chance(0.3):
            templates = grammar.COUPLED_SPLITS
        template = "{sum}" if len(parts) == 1 else self.random.choice(templates)
        unpacked = self._fill(template, sum=name, count=str(len(parts)))
        self.lines.append(f"{', '.join(parts)} = {unpacked}")

    def _draw_result(self) -> None:
        """Add the statements of the new states and of the output."""
        states = self._narrow_states
        kept, draw = {}, self.random.random()
        if draw < 0.06:  # each state is replaced by another one, or unchanged
            kept = dict(zip(states, states[1:] + states[:1], strict=True))
        elif draw < 0.15:
            kept = {self.random.choice(states): self.random.choice(states)}
        computed = [state for state in states if state not in kept]
        new = {**kept, **{state: f"{state}_new" for state in computed}}
        for number, state in enumerate(computed):
            total = self.narrow.share(len(computed) - number)
            self._add_state(state, grammar.STATES, total, self.narrow)
        if self.other:
            self._add_state("m", grammar.WIDE_STATES, self.wide.share(1), self.wide)
            new["m"] = "m_new"
        output = self._output(new, computed)
        self.lines.append(f"return {output}, ({', '.join(new[state] for state in self.states)},)")

    def _add_state(self, state: str, templates: Sequence[str], total: str, pool: Pool) -> None:
        expression = self._fill(self.random.choice(templates), sum=total, old=state)
        self.lines.append(f"{state}_new = {expression}")
        pool.values.append(f"{state}_new")

    def _output(self, new: dict[str, str], computed: Sequence[str]) -> str:
        if self.other and (self._operand_is_wide or self._chance(0.2)):
            self.output = self.other
            return self.random.choice(("m_new", "m_new", "ops.tanh(m_new) * m"))
        if not computed:
            return f"ops.tanh({self.narrow.share(1)})"
        if self._chance(0.6):
            return new[self._narrow_states[0]]
        templates = grammar.OUTPUTS + (() if self.elementwise else grammar.COUPLED_OUTPUTS)
        return self._fill(self.random.choice(templates), new=new[self.random.choice(computed)])

    def _add(self, expression: str, pool: Pool) -> None:
        name = f"v{len(self.lines)}"
        self.lines.append(f"{name} = {expression}")
        pool.add([name])

    def _fill(self, template: str, **fields: str) -> str:
        """Return the template with its fields filled: those given, the others drawn."""
        names = [name for _, name, *_ in string.Formatter().parse(template) if name]
        drawn = {name: self._draw(name) for name in dict.fromkeys(names) if name not in fields}
        return template.format(**drawn, **fields)

    def _draw(self, field: str) -> str:
        kind = field.removesuffix("_name")
        if kind in grammar.WEIGHTS:
            name = f"{kind}{self.random.randint(1, 2)}"
            shape = grammar.WEIGHTS[kind]
            self.weights[name] = tuple(self.other if s == "other" else s for s in shape)
            return name if field.endswith("_name") else f"self.{name}"
        if field in grammar.CHOICES:
            return self._fill(self.random.choice(grammar.CHOICES[field]))
        if field in ("product_operand", "other_operand"):
            return self._operand(self._operand_is_wide)
        if field == "operand":
            return self._operand(False)
        if field == "state":
            return self.random.choice(self._narrow_states)
        if field == "other":
            return str(self.other)
        if field == "wide_state":
            return "m"
        return (self.wide if field in ("wide", "wider") else self.narrow).draw()

    def _operand(self, wide: bool) -> str:
        plain, coupled = (
            (grammar.WIDE_OPERANDS, grammar.COUPLED_WIDE_OPERANDS)
            if wide
            else (grammar.OPERANDS, grammar.COUPLED_OPERANDS)
        )
        is_coupled = not self.elementwise and self._chance(0.2)
        return self._fill(self.random.choice(coupled if is_coupled else plain))

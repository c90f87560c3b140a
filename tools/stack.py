#!/usr/bin/env python3
"""The most stack that each probe's calls take, read off the machine code: tools/stack.py IMAGE...

For every function the frame that its prologue makes, and along the calls the deepest sum. `_start` holds the buffers of
a probe and is left out: the figure is that of what it calls, with the values that those return. Only Thumb images,
disassembled by arm-none-eabi-objdump (binutils-arm-none-eabi). Calls through a register are followed where the address
was loaded from a literal next to the code; others are counted, and then the figure is a lower bound.
"""

import functools
import re
import subprocess
import sys

OBJDUMP = "arm-none-eabi-objdump"
FUNCTION = re.compile(r"^([0-9a-f]+) <(.+)>:$")
INSTRUCTION = re.compile(r"^ *([0-9a-f]+):\t(\S+)(?:\t(.*))?$")


def registers(text):
    """How many registers a list like {r4, r5-r7, lr} names."""
    count = 0
    for part in text.strip("{} ").split(","):
        first, _, last = (word.strip() for word in part.partition("-"))
        number = lambda name: {"sl": 10, "fp": 11, "ip": 12}.get(name, int(name[1:]) if name[1:].isdigit() else 0)
        count += number(last) - number(first) + 1 if last else 1
    return count


def frame_of(mnemonic, operands):
    """The octets of stack that an instruction takes."""
    if mnemonic.startswith("push") or (mnemonic.startswith("stmdb") and operands.startswith("sp!")):
        return 4 * registers(operands[operands.index("{") :])
    if mnemonic.startswith("sub") and operands.startswith("sp"):
        found = re.search(r"#(\d+)", operands)
        return int(found[1]) if found else 0
    found = re.search(r"\[sp, #-(\d+)\]!", operands)
    return int(found[1]) if found else 0


class Image:
    def __init__(self, path):
        text = subprocess.run([OBJDUMP, "-d", "--no-show-raw-insn", path], capture_output=True, text=True, check=True)
        self.frames, self.calls, self.unknown, self.names = {}, {}, {}, {}
        literals, indirect, current = {}, [], None
        for line in text.stdout.splitlines():
            if head := FUNCTION.match(line):
                current = int(head[1], 16)
                self.names[current] = head[2]
                self.frames[current], self.calls[current], self.unknown[current] = 0, set(), 0
            elif (found := INSTRUCTION.match(line)) and current is not None:
                mnemonic, operands = found[2], found[3] or ""
                if mnemonic == ".word":
                    literals[int(found[1], 16)] = int(operands.split()[0], 16)
                    continue
                self.frames[current] += frame_of(mnemonic, operands)
                target = re.match(r"([0-9a-f]+) <", operands)
                if mnemonic.startswith("blx") and not target:
                    indirect.append((current, line))
                elif target and mnemonic[0] == "b":
                    self.calls[current].add(int(target[1], 16))
                elif mnemonic.startswith("ldr") and (pool := re.search(r"@ \(([0-9a-f]+)", operands)):
                    self.calls[current].add(("literal", int(pool[1], 16)))
        for function in self.calls:
            resolved = set()
            for call in self.calls[function]:
                address = literals.get(call[1], 1) & ~1 if isinstance(call, tuple) else call
                # Branches inside the function lead to no beginning of one.
                if address in self.frames and address != function:
                    resolved.add(address)
            self.calls[function] = resolved
        for function, _ in indirect:
            self.unknown[function] += 1

    def deepest(self, function):
        above = []

        @functools.cache
        def walk(at):
            if at in above:
                cycle = ", ".join(self.names[function] for function in above[above.index(at) :])
                sys.exit(f"stack: there is no bound for functions that call each other: {cycle}")
            above.append(at)
            below = [walk(callee) for callee in self.calls[at]]
            above.pop()
            depth, path, unknown = max(below, default=(0, (), 0))
            return self.frames[at] + depth, (at, *path), unknown + self.unknown[at]

        sys.setrecursionlimit(10_000)
        return walk(function)

    def of_start(self):
        start = next(address for address, name in self.names.items() if name == "_start")
        return max((self.deepest(callee) for callee in self.calls[start]), default=(0, (), 0))


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    for path in sys.argv[1:]:
        image = Image(path)
        depth, chain, unknown = image.of_start()
        print(f"{path.rsplit('/', 1)[-1]:<20}{depth:>6}  {unknown} calls not followed")
        for address in chain:
            print(f"    {image.frames[address]:>6}  {image.names[address]:.110}")


if __name__ == "__main__":
    main()

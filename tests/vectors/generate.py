#!/usr/bin/env python3
"""Composes DNS and mDNS messages, sound and broken, each with the line that `decode --json` is to print for it.

    pip install dnspython==2.9.2
    python3 tests/vectors/generate.py

Writes generated.jsonl beside this file, the same octets at every run. The expected lines are dnspython's (see
reference.py) and owe nothing to the crate.
"""

import json
import pathlib
import sys

# No folder of byte code in the source tree.
sys.dont_write_bytecode = True

import broken
import reference
import sound

FILE = pathlib.Path(__file__).resolve().parent / "generated.jsonl"


def main():
    lines, seen = [], set()
    # What the message was composed to be has to be what dnspython says: is the frame sound, and all data in it?
    for frame, data, vectors in [
        (True, True, sound.messages()),
        (True, False, broken.data()),
        (False, True, broken.frames()),
        (None, True, broken.mutants()),
    ]:
        for about, message in vectors:
            expected, data_is_sound = reference.decode(message)
            if frame is None:
                # Data is left out here, as long as dnspython and the contract need not agree on it.
                if not data_is_sound:
                    continue
            elif (expected["accepted"], data_is_sound) != (frame, data):
                sys.exit(f"{about}: composed as frame {frame}, data {data}, but is {expected}, {data_is_sound}")
            if message in seen:
                sys.exit(f"{about}: this message is there already")
            seen.add(message)
            line = {"about": about, "message": message.hex(), "expected": expected}
            lines.append(json.dumps(line, separators=(",", ":")))
    FILE.write_text("".join(line + "\n" for line in lines))
    accepted = sum('"accepted":true' in line for line in lines)
    print(f"{len(lines)} messages: {accepted} accepted, {len(lines) - accepted} rejected")


main()

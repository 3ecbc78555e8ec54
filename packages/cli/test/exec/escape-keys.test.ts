import { FakeClock } from "@holdfast/testkit";
import { describe, expect, test } from "vitest";
import { type EscapeAction, EscapeKeys } from "../../src/exec/escape-keys.ts";

/** What passes, and what is done, when these keys come in these pieces. */
function typed(...pieces: readonly string[]): { passed: string; actions: EscapeAction[] } {
  const actions: EscapeAction[] = [];
  const keys = new EscapeKeys("~", (action) => {
    actions.push(action);
    return "go on";
  });
  const passed = pieces.map((piece) => keys.take(Buffer.from(piece, "latin1")).toString("latin1")).join("");
  return { passed, actions };
}

describe("an escape", () => {
  test.each([
    ["at the very beginning", ["~."], "", ["quit"]],
    ["one key after the other", ["~", "."], "", ["quit"]],
    ["after a line was entered", ["ls\r", "~", "d"], "ls\r", ["detach"]],
    ["after a line feed", ["ls\n~d"], "ls\n", ["detach"]],
    ["one after the other", ["~?~d"], "", ["help", "detach"]],
    ["typed twice is sent once", ["~~"], "~", []],
    ["twice, and what could have been one", ["~~."], "~.", []],
    ["with anything else behind it is sent", ["~", "/bin\r"], "~/bin\r", []],
    ["and a line that is entered: the next one may begin with one", ["~\r~."], "~\r", ["quit"]],
    ["within a line is none", ["cp a~.", " ~?"], "cp a~. ~?", []],
    ["in a paste is none", [`${"x".repeat(40)}\n~.\n~d`], `${"x".repeat(40)}\n~.\n~d`, []],
    [
      "in a paste that terminals mark is none",
      ["\x1b[200~a\r~.\r", "~d", "\x1b[201~"],
      "\x1b[200~a\r~.\r~d\x1b[201~",
      [],
    ],
    ["after such a paste is one", ["\x1b[200~a\x1b[201~", "\r~."], "\x1b[200~a\x1b[201~\r", ["quit"]],
    [
      "after keys that only begin like the mark is one",
      ["\x1b[20\r~.", "\x1b\x1b[200x\r~d"],
      "\x1b[20\r\x1b\x1b[200x\r",
      ["quit", "detach"],
    ],
  ] as const)("%s", (_, pieces, passed, actions) => {
    expect(typed(...pieces)).toEqual({ passed, actions });
  });

  test("that is begun, and a paste behind it, are both sent", () => {
    const paste = `.${"y".repeat(40)}`;
    expect(typed("~", paste)).toEqual({ passed: `~${paste}`, actions: [] });
  });
});

test("a short piece of a paste is part of it, until nothing has come for a while", async () => {
  const clock = new FakeClock();
  const actions: EscapeAction[] = [];
  const act = (action: EscapeAction) => {
    actions.push(action);
    return "go on" as const;
  };
  const keys = new EscapeKeys("~", act, clock);
  const take = (piece: string) => String(keys.take(Buffer.from(piece)));
  expect(take(`${"x".repeat(40)}\n`)).toHaveLength(41);
  await clock.advance(500);
  expect([take("~.\n"), actions]).toEqual(["~.\n", []]);
  await clock.advance(400);
  expect([take("~d\n"), actions]).toEqual(["~d\n", []]);
  await clock.advance(501);
  expect([take("~."), actions]).toEqual(["", ["quit"]]);
});

test("once the command is left, what is typed in the same breath and afterwards is not for it", () => {
  const keys = new EscapeKeys("~", (action) => (action === "detach" ? "over" : "go on"));
  const passed = ["ls\r~?", "~dexit\r", "more\r~."].map((piece) => String(keys.take(Buffer.from(piece))));
  expect(passed).toEqual(["ls\r", "", ""]);
});

test("keys without the escape character pass as they are, however they are cut", () => {
  const all = Buffer.from(Array.from({ length: 512 }, (_, index) => (index * 167) & 0xff))
    .toString("latin1")
    .replaceAll("~", "-");
  for (let size = 1; size <= 40; size += 1) {
    const pieces = all.match(new RegExp(`[\\s\\S]{1,${size}}`, "g")) ?? [];
    expect(typed(...pieces)).toEqual({ passed: all, actions: [] });
  }
});

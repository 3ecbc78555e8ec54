import fc from "fast-check";
import { expect, test } from "vitest";
import { isSandboxError, plan } from "../../src/index.ts";
import { fakeMachine } from "../support/fake-files.ts";
import { type Entry, glob, intentFor, literal, managed, ROOT_READ, special } from "../support/intents.ts";
import { showPlan, wordsOf } from "../support/show-plan.ts";

const NAMES = ["a", "b", "x.env", ".git"];
const FILES = Object.fromEntries(
  NAMES.flatMap((first) => NAMES.map((second) => [`/srv/app/${first}/${second}/file`, { text: "x" }] as const)),
);

const path = fc
  .array(fc.constantFrom(...NAMES, "missing"), { maxLength: 3 })
  .map((names) => ["/srv/app", ...names].join("/"));
const access = fc.constantFrom("read", "write", "deny");
const place: fc.Arbitrary<Entry> = fc.tuple(path, access).map(([at, mode]) => literal(at, mode));
const entry: fc.Arbitrary<Entry> = fc.oneof(
  place,
  fc.constantFrom(glob("/srv/app/**/*.env"), glob("a/*"), special("slash_tmp", "write"), special("minimal", "read")),
);
const entries = fc.array(entry, { maxLength: 8 });

function outcome(list: readonly Entry[], root: Entry): string {
  try {
    return showPlan(plan(intentFor(managed([root, ...list]), "/srv/app"), fakeMachine(FILES)));
  } catch (error) {
    if (isSandboxError(error)) return error.message;
    throw error;
  }
}

test("the order of the entries makes no difference to the plan", () => {
  const shuffled = entries.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  );
  fc.assert(
    fc.property(shuffled, fc.constantFrom(ROOT_READ, special("root", "write")), ([list, other], root) => {
      expect(outcome(other, root)).toBe(outcome(list, root));
    }),
    { numRuns: 500 },
  );
});

test("every mount comes after those above it, and none is made twice", () => {
  fc.assert(
    fc.property(fc.array(place, { maxLength: 8 }), (list) => {
      const machine = fakeMachine(FILES);
      const intent = intentFor(managed([ROOT_READ, ...list]), "/srv/app", { cwd: "/" });
      const words = wordsOf(plan(intent, machine));
      const mounted = words.flatMap((word, index) => {
        if (word === "--tmpfs") return [words[index + 1] ?? ""];
        return word === "--bind" || word === "--ro-bind" ? [words[index + 2] ?? ""] : [];
      });
      expect(new Set(mounted).size).toBe(mounted.length);
      for (const [index, path] of mounted.entries()) {
        expect(mounted.slice(index + 1).filter((later) => path.startsWith(`${later}/`))).toEqual([]);
      }
    }),
    { numRuns: 500 },
  );
});

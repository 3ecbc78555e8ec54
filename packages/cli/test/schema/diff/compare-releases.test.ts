import { expect, test } from "vitest";
import { compareReleases } from "../../../src/schema/diff/compare-releases.ts";
import type { ReleaseDocument, ReleaseMethod, Schema } from "../../../src/schema/diff/release-document.ts";

const text: Schema = { type: "string" };

function document(release: string, methods: ReleaseMethod[], types: Record<string, Schema>): ReleaseDocument {
  return { release, methods, types, experimentalMembers: ["Params.b"] };
}

function request(name: string, from: "client" | "server", more: Partial<ReleaseMethod> = {}): ReleaseMethod {
  return { name, kind: "request", from, params: "Params", result: "Result", isExperimental: false, ...more };
}

const object = (...names: string[]): Schema => ({
  type: "object",
  properties: Object.fromEntries(names.map((name) => [name, text])),
  required: names,
});

test("the same change breaks who sends in one direction and who accepts in the other", () => {
  const before = { Params: object("a"), Result: object("a") };
  const after = { Params: object("a", "b"), Result: object() };
  const { types } = compareReleases(
    document("1", [request("do", "client")], before),
    document("2", [request("do", "client")], after),
  );
  expect(types).toEqual([
    {
      type: "Params",
      sentIn: ["do"],
      acceptedIn: [],
      changes: [
        { path: ".b", kind: "added", what: "required", isRequired: true, breaks: ["sent"], isExperimental: true },
      ],
    },
    {
      type: "Result",
      sentIn: [],
      acceptedIn: ["do"],
      changes: [
        {
          path: ".a",
          kind: "removed",
          what: "was required",
          isRequired: true,
          breaks: ["accepted"],
          isExperimental: false,
        },
      ],
    },
  ]);
  const asked = compareReleases(
    document("1", [request("ask", "server")], before),
    document("2", [request("ask", "server")], after),
  );
  expect(
    asked.types.map(({ type, sentIn, acceptedIn, changes }) => [type, sentIn, acceptedIn, changes[0]?.breaks]),
  ).toEqual([
    ["Params", [], ["ask"], []],
    ["Result", ["ask"], [], ["sent"]],
  ]);
});

test("methods: what a client asks for and is gone hurts it, and what it is asked for the first time", () => {
  const types = { Params: object(), Result: object() };
  const notice = { kind: "notice", result: null } as const;
  const { methods } = compareReleases(
    document(
      "1",
      [request("gone", "client"), request("asked", "server"), request("kept", "client", { isExperimental: true })],
      types,
    ),
    document(
      "2",
      [
        request("kept", "client"),
        request("new", "client"),
        request("question", "server"),
        request("told", "server", notice),
      ],
      types,
    ),
  );
  const shown = (list: readonly { name: string; breaks: boolean }[]) => list.map(({ name, breaks }) => [name, breaks]);
  expect(shown(methods.removed)).toEqual([
    ["asked", false],
    ["gone", true],
  ]);
  expect(shown(methods.added)).toEqual([
    ["new", false],
    ["question", true],
    ["told", false],
  ]);
  expect(methods.changed).toEqual([{ method: "kept", change: "no longer experimental" }]);
});

import { describe, expect, test } from "vitest";
import { withRenamedMembers } from "../../src/read/renamed-members.ts";
import { object } from "../support.ts";

const TEXT = { type: "string" };
const renamedMembers = { A: { members: { turn_id: "turnId" }, why: "a server says so" } };

describe("members that a document names otherwise than messages", () => {
  test("have the names of messages, in records and in each arm of a choice", () => {
    const types = new Map([["A", { oneOf: [object({ turn_id: TEXT, x: TEXT }), object({ x: TEXT })] }]]);
    expect(withRenamedMembers(types, { renamedMembers }, "1").get("A")).toEqual({
      oneOf: [object({ turnId: TEXT, x: TEXT }), object({ x: TEXT })],
    });
    const plain = new Map([["A", object({ turn_id: TEXT })]]);
    expect(withRenamedMembers(plain, { renamedMembers }, "1").get("A")).toEqual(object({ turnId: TEXT }));
  });

  test("are left alone in releases without the type, and stop the generator when the document has mended them", () => {
    expect(withRenamedMembers(new Map([["B", object({ turn_id: TEXT })]]), { renamedMembers }, "1").get("B")).toEqual(
      object({ turn_id: TEXT }),
    );
    const mended = new Map([["A", object({ turnId: TEXT })]]);
    expect(() => withRenamedMembers(mended, { renamedMembers }, "2")).toThrow(
      "type A of release 2 has no member turn_id to be renamed",
    );
  });
});

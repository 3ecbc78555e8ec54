import { createRouter, type Refusals } from "@holdfast/protocol-kit";
import { describe, expect, test } from "vitest";
import { protocol } from "./protocol.ts";

/** As an API words them that answers everything with one code. */
const refusals: Refusals = {
  unknownMethod: (method) => ({ code: 1, message: `unknown variant ${method}` }),
  invalidParams: (method, reason) => ({ code: 2, message: `${method}: ${reason}` }),
};
const seen = (params: unknown, context: string) => ({ params, context });
const GOAL = { text: "go" };

const server = createRouter<"start" | "thread/goal/set" | "search", "ready", string>(protocol(), {
  from: "client",
  role: "server",
  refusals,
  handlers: { start: seen, "thread/goal/set": seen, search: "unsupported", ready: seen },
});
const client = createRouter<"thread/tool/ask", never, string>(protocol(), {
  from: "server",
  role: "client",
  refusals,
  handlers: { "thread/tool/ask": seen },
});

function run(routed: ReturnType<typeof server.request | typeof client.request>): unknown {
  return routed.kind === "ready" ? routed.run("context") : routed;
}

describe("a request", () => {
  test("reaches its handler with decoded params, whatever the depth of its name", () => {
    for (const name of ["start", "thread/goal/set"]) {
      expect(run(server.request(name, { ...GOAL, more: 1 }))).toEqual({ params: GOAL, context: "context" });
    }
  });

  test("of the server reaches the handler of the client by the same table", () => {
    expect(run(client.request("thread/tool/ask", GOAL))).toEqual({ params: GOAL, context: "context" });
  });

  test("is refused in the words of its API, the method before its params", () => {
    expect(server.request("lost", 5)).toEqual({ kind: "refused", code: 1, message: "unknown variant lost" });
    expect(server.request("start", { text: 5 })).toEqual({
      kind: "refused",
      code: 2,
      message: "start: invalid type: number, expected a string at `text`",
    });
    expect(server.request("start", undefined)).toEqual({
      kind: "refused",
      code: 2,
      message: "start: invalid type: null, expected struct Goal",
    });
  });

  test("is unknown when it is left out, forgotten, a notice, of the other side, or what objects have by nature", () => {
    for (const name of ["search", "thread/goal/clear", "ready", "thread/tool/ask", "toString", "__proto__", ""]) {
      expect(server.request(name, {})).toMatchObject({ kind: "refused", code: 1 });
    }
    expect(client.request("start", GOAL)).toMatchObject({ kind: "refused", code: 1 });
  });
});

describe("a notice", () => {
  test("reaches its handler, with nothing for no params", () => {
    const routed = server.notice("ready", {});
    expect(routed.kind === "ready" ? routed.run("context") : routed).toEqual({ params: null, context: "context" });
  });

  test("is refused with the reason when nobody takes it, or it is not what the table says", () => {
    expect(server.notice("start", {})).toEqual({
      kind: "refused",
      message: "notice `start` is not known to this server",
    });
    expect(client.notice("thread/goal/changed", GOAL)).toEqual({
      kind: "refused",
      message: "notice `thread/goal/changed` is not known to this client",
    });
    expect(server.notice("ready", 5)).toEqual({
      kind: "refused",
      message: "invalid params of notice `ready`: invalid type: number, expected unit",
    });
    const { message = "" } = server.notice("x".repeat(100_000), {}) as { message?: string };
    expect(message).toHaveLength("notice `` is not known to this server".length + 201);
  });
});

test("a router is not made for a method without types", () => {
  const methods = { lost: { ...protocol().methods.start, from: "client" } } as ReturnType<typeof protocol>["methods"];
  expect(() => createRouter(protocol({ methods }), { from: "client", role: "server", refusals, handlers: {} })).toThrow(
    "small: no types for the method lost; generate them",
  );
});

import {
  type CallOptions,
  createStub,
  type InvalidMessageError,
  isInvalidMessageError,
  type Unsubscribe,
} from "@holdfast/protocol-kit";
import { describe, expect, test } from "vitest";
import { METHODS, protocol, RecordingLink } from "./protocol.ts";

type Call = (params: object, options?: CallOptions) => Promise<unknown>;
type CallWithout = (options?: CallOptions) => Promise<unknown>;
type On = (method: string, handler: (notice: unknown) => void) => Unsubscribe;

interface Client {
  start: Call;
  thread: { goal: { set: Call; clear: CallWithout } };
  search: Call & { stop: CallWithout; name: CallWithout; hint(params: object): void };
  ready(): void;
  on: On;
}

interface Callbacks {
  thread: { tool: { ask: Call }; goal: { changed(params: object): void }; idle(): void };
  on: On;
}

const createClient = createStub<Client>(protocol(), "client");
const createCallbacks = createStub<Callbacks>(protocol(), "server");
const GOAL = { text: "go" };

describe("what a stub calls", () => {
  test("is the method of that place, at every depth, with the options of the call", async () => {
    const link = new RecordingLink();
    const client = createClient(link);
    const options = { timeoutMs: 5 };
    expect(await client.start(GOAL)).toEqual({ count: 1 });
    await client.thread.goal.set(GOAL, options);
    await client.thread.goal.clear(options);
    expect(link.calls).toEqual([
      ["start", GOAL],
      ["thread/goal/set", GOAL, options],
      ["thread/goal/clear", null, options],
    ]);
  });

  test("may be a function that is the way to others, even to one that functions have a member for", async () => {
    const link = new RecordingLink();
    const { search } = createClient(link);
    await search(GOAL);
    await search.stop();
    await search.name();
    search.hint(GOAL);
    expect(link.calls).toEqual([
      ["search", GOAL],
      ["search/stop", null],
      ["search/name", null],
    ]);
    expect(link.notices).toEqual([["search/hint", GOAL]]);
  });

  test("is sent as an empty object where a notice has no params", () => {
    const link = new RecordingLink();
    createClient(link).ready();
    createCallbacks(link).thread.idle();
    expect(link.notices).toEqual([
      ["ready", {}],
      ["thread/idle", {}],
    ]);
  });

  test("goes the other way by the same table", async () => {
    const link = new RecordingLink();
    const callbacks = createCallbacks(link);
    expect(await callbacks.thread.tool.ask(GOAL)).toEqual({ count: 1 });
    callbacks.thread.goal.changed(GOAL);
    expect(link.calls).toEqual([["thread/tool/ask", GOAL]]);
    expect(link.notices).toEqual([["thread/goal/changed", GOAL]]);
  });

  test("is every method of its side, and none of the other", () => {
    const paths = (value: object, way: readonly string[]): string[] =>
      Object.entries(value).flatMap(([name, member]: [string, object]) => [
        ...(typeof member === "function" ? [[...way, name].join("/")] : []),
        ...paths(member, [...way, name]),
      ]);
    for (const [side, create] of [
      ["client", createClient],
      ["server", createCallbacks],
    ] as const) {
      const sent = Object.entries(METHODS).filter(([, { from }]) => from === side);
      expect(paths(create(new RecordingLink()), []).sort()).toEqual([...sent.map(([name]) => name), "on"].sort());
    }
  });

  test("is taken for no promise", async () => {
    const client = createClient(new RecordingLink());
    expect(await client).toBe(client);
  });
});

describe("what comes back", () => {
  test("is without members that nobody knows, and an error when it is not what the table says", async () => {
    const create = (answer: unknown) => createClient(new RecordingLink(answer));
    expect(await create({ count: 2, more: true }).start(GOAL)).toEqual({ count: 2 });
    await expect(create({ count: "2" }).start(GOAL)).rejects.toMatchObject({
      name: "InvalidMessageError",
      message: 'invalid result of start: invalid type: string "2", expected i64 at `count`',
      method: "start",
      part: "result",
      memberPath: "count",
    });
    await expect(create(null).start(GOAL)).rejects.toThrow("invalid type: null, expected struct Count");
  });

  test("is what a quick check says, where there is one and it takes the answer", async () => {
    const quickResults = {
      start: ({ count }: Readonly<Record<string, unknown>>) => (count === 7 ? { quick: true } : undefined),
    };
    const create = createStub<Client>(protocol({ quickResults }), "client");
    expect(await create(new RecordingLink({ count: 7 })).start(GOAL)).toEqual({ quick: true });
    expect(await create(new RecordingLink({ count: 8 })).start(GOAL)).toEqual({ count: 8 });
    expect(await create(new RecordingLink({ count: 7 })).search(GOAL)).toEqual({ count: 7 });
  });
});

describe("notices of the other side", () => {
  test("are heard when they are what the table says, and told of when not", () => {
    const link = new RecordingLink();
    const invalid: InvalidMessageError[] = [];
    const heard: unknown[] = [];
    const client = createClient(link, { onInvalid: (error) => invalid.push(error) });
    const stop = client.on("thread/goal/changed", (notice) => heard.push(notice));
    client.on("thread/idle", (notice) => heard.push(notice));
    link.hear("thread/goal/changed", { text: "a", more: 1 });
    link.hear("thread/goal/changed", { text: 5 });
    link.hear("thread/idle", {});
    stop();
    link.hear("thread/goal/changed", { text: "b" });
    expect(heard).toEqual([{ text: "a" }, null]);
    expect(invalid.map((error) => [isInvalidMessageError(error), error.message])).toEqual([
      [true, "invalid params of thread/goal/changed: invalid type: number, expected a string at `text`"],
    ]);
  });

  test("are those of the table: not a request, and none of the own side", () => {
    const client = createClient(new RecordingLink());
    for (const name of ["thread/tool/ask", "ready", "toString", "__proto__"]) {
      expect(() => client.on(name, () => {})).toThrow(`small: no notice ${name} is sent to the client`);
    }
  });
});

test("a stub is made without a look at the types: a bundle has them behind getters that make all validators", () => {
  const types = {};
  for (const name of Object.keys(METHODS)) {
    Object.defineProperty(types, name, {
      enumerable: true,
      get: () => {
        throw new Error(`${name} was read`);
      },
    });
  }
  expect(() => createStub(protocol({ types }), "client")).not.toThrow();
});

describe("a table that no stub can be made from", () => {
  const row = METHODS.start;

  test.each([
    ["a method without types", { lost: row }, "small: no types for the method lost; generate them"],
    ["a name that objects have by nature", { toString: row }, "small: no types for the method toString; generate them"],
  ])("stops at %s", (_, methods, message) => {
    expect(() => createStub(protocol({ methods }), "client")).toThrow(message);
  });

  test.each(["a/__proto__", "a//b", ""])("stops at a method %j, which has no place", (name) => {
    const types = { [name]: { params: null, result: null } };
    expect(() => createStub(protocol({ methods: { [name]: row }, types }), "client")).toThrow(
      `small: method ${name} has no place in a stub`,
    );
  });

  test.each(["on", "then", "then/more"])("stops at a method %s, whose place is taken", (name) => {
    const types = { [name]: { params: null, result: null } };
    expect(() => createStub(protocol({ methods: { [name]: row }, types }), "client")).toThrow(
      `small: a method in the place of stub.${name.split("/")[0]}`,
    );
  });
});

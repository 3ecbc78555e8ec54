import type { CallOptions, LinkV1, MethodRow, MethodTable, Protocol, Replay, WireType } from "@holdfast/protocol-kit";
import { int64, record } from "@holdfast/protocol-kit/zod";
import * as z from "zod";

const NAMES: Readonly<Record<string, WireType>> = {
  Goal: { name: "Goal", schema: record("Goal", { text: z.string() }) },
  Count: { name: "Count", schema: record("Count", { count: int64 }) },
};

function request(from: MethodRow["from"], params: string | null, result: string, replay: Replay = "never"): MethodRow {
  return { kind: "request", from, params, result, family: null, since: "1", replay, errors: [] };
}

function notice(from: MethodRow["from"], params: string | null): MethodRow {
  return { kind: "notice", from, params, result: null, family: null, since: "1", replay: null, errors: [] };
}

/** A small API with methods in both directions and of every depth. */
export const METHODS = {
  start: request("client", "Goal", "Count"),
  "thread/goal/set": request("client", "Goal", "Count"),
  "thread/goal/clear": request("client", null, "Count"),
  search: request("client", "Goal", "Count"),
  "search/stop": request("client", null, "Count"),
  "search/name": request("client", null, "Count"),
  ready: notice("client", null),
  "search/hint": notice("client", "Goal"),
  "thread/tool/ask": request("server", "Goal", "Count"),
  "thread/goal/changed": notice("server", "Goal"),
  "thread/idle": notice("server", null),
} satisfies MethodTable;

/** That API as the kit takes it, with changes. */
export function protocol(change: Partial<Protocol> = {}): Protocol {
  const type = (name: string | null) => (name === null ? null : (NAMES[name] ?? null));
  const types = Object.entries(METHODS).map(([name, { params, result }]) => [
    name,
    { params: type(params), result: type(result) },
  ]);
  return {
    name: "small",
    methods: METHODS,
    types: Object.fromEntries(types),
    quickParams: {},
    quickResults: {},
    ...change,
  };
}

/** A link that keeps what goes through it, and answers every call with `answer`. */
export class RecordingLink implements LinkV1 {
  readonly calls: unknown[] = [];
  readonly notices: unknown[] = [];
  readonly #handlers = new Map<string, (params: unknown) => void>();
  readonly #answer: unknown;

  constructor(answer: unknown = { count: 1 }) {
    this.#answer = answer;
  }

  async call(method: string, params: unknown, options?: CallOptions): Promise<unknown> {
    this.calls.push(options === undefined ? [method, params] : [method, params, options]);
    return this.#answer;
  }

  notify(method: string, params: unknown): void {
    this.notices.push([method, params]);
  }

  on(method: string, handler: (params: unknown) => void): () => void {
    this.#handlers.set(method, handler);
    return () => this.#handlers.delete(method);
  }

  hear(method: string, params: unknown): void {
    this.#handlers.get(method)?.(params);
  }
}

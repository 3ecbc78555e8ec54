import {
  createExecServerCodec,
  execServerCodec,
  METHODS,
  type MethodName,
  validate,
} from "@holdfast/exec-server-protocol";
import { createExecServerRouter, type ExecServerHandlers } from "@holdfast/exec-server-protocol/server";
import { METHOD_SCHEMAS } from "@holdfast/exec-server-protocol/zod";
import { describe, expect, test } from "vitest";
import { type AcceptedMessage, frameOf, type RejectedMessage, readAccepted, readRejected } from "../src/corpus.ts";
import { corpusException } from "../src/expected-failures.ts";
import { EXTENSION_CORPUS_ROOT } from "../src/places.ts";

const ORIGIN = { transport: "websocket", peerName: "127.0.0.1:40000" } as const;

const handlers = Object.fromEntries(
  Object.entries(METHODS)
    .filter(([, { from }]) => from === "client")
    .map(([method]) => [method, () => ({})]),
) as unknown as ExecServerHandlers<null>;

const router = createExecServerRouter(handlers);

function isKnown(method: string): method is MethodName {
  return Object.hasOwn(METHODS, method);
}

/** Why this implementation would not take the message, or undefined. */
function refusalOfAccepted(entry: AcceptedMessage): string | undefined {
  const inbound = execServerCodec.decode(JSON.stringify(entry.message));
  const schemas = isKnown(entry.method) ? METHOD_SCHEMAS[entry.method] : undefined;
  if (inbound.kind === "malformed") return inbound.reason;
  if (inbound.kind === "failure") return undefined;
  if (inbound.kind === "result") {
    if (schemas?.result == null) return "a result nobody expects";
    const result = validate<unknown>(schemas.result.schema, inbound.result);
    return result.ok ? undefined : result.message;
  }
  if (entry.from === "server") {
    if (schemas?.params == null) return "a notice nobody expects";
    const params = validate<unknown>(schemas.params.schema, inbound.params);
    return params.ok ? undefined : params.message;
  }
  const routed =
    inbound.kind === "call"
      ? router.request(inbound.method, inbound.params)
      : router.notice(inbound.method, inbound.params);
  return routed.kind === "refused" ? routed.message : undefined;
}

/** The code and text with which this implementation refuses the frame, or `undefined` when it would take it. */
function refusalOf(entry: RejectedMessage): { code: number; message: string; id: unknown } | undefined {
  const inbound = execServerCodec.decode(frameOf(entry));
  if (inbound.kind === "malformed") {
    const answer = JSON.parse(execServerCodec.encodeMalformed(inbound.reason, ORIGIN) ?? "null");
    return { ...answer.error, id: answer.id };
  }
  if (inbound.kind !== "call") return undefined;
  const routed = router.request(inbound.method, inbound.params);
  return routed.kind === "refused" ? { code: routed.code, message: routed.message, id: inbound.id } : undefined;
}

/** The text with which a client refuses the answer or notice, or `undefined` when it would take it. */
function refusalOfAnswer(method: string, entry: RejectedMessage): string | undefined {
  const inbound = createExecServerCodec({ strict: false }).decode(frameOf(entry));
  if (!isKnown(method)) throw new Error(`${entry.id} names no method: ${method}`);
  const { params, result } = METHOD_SCHEMAS[method];
  const schema = inbound.kind === "result" ? result?.schema : params?.schema;
  if (schema === undefined) throw new Error(`${method} has nothing to judge ${entry.id} by`);
  const value = inbound.kind === "result" ? inbound.result : inbound.kind === "notice" ? inbound.params : undefined;
  const judged = validate<unknown>(schema, value);
  return judged.ok ? undefined : judged.message;
}

const accepted = await readAccepted();
const rejected = await readRejected();
const extensionAccepted = await readAccepted(EXTENSION_CORPUS_ROOT);
const extensionRejected = await readRejected(EXTENSION_CORPUS_ROOT);

describe("messages of real releases", () => {
  test.each(accepted)("$file is taken as the releases sent it", ({ file, entries }) => {
    expect(entries.length).toBeGreaterThan(0);
    for (const [index, entry] of entries.entries()) {
      const where = `${file}[${index}] of ${entry.release}: ${JSON.stringify(entry.message)}`;
      const exception = corpusException(entry);
      if (exception === undefined) expect(refusalOfAccepted(entry), where).toBeUndefined();
      else expect(refusalOfAccepted(entry), `${where} is excused: ${exception.reason}`).toMatch(exception.refusedWith);
    }
  });

  test("every method that exec-servers of these releases serve is there", () => {
    const NOT_RECORDED = ["capabilities/discoverV2", "network/policyDecision", "network/policyRequest"];
    const recorded = new Set(accepted.flatMap(({ entries }) => entries.map(({ method }) => method)));
    expect(
      Object.entries(METHODS)
        .filter(([method, { since }]) => since !== "holdfast" && !recorded.has(method))
        .map(([method]) => method)
        .sort(),
    ).toEqual(NOT_RECORDED);
  });

  test("nothing of the machine that recorded them is left", () => {
    const text = JSON.stringify(accepted);
    expect(text.match(/\/root|holdfast|\.cache|\/tmp\/[^".]|127\.0\.0\.1:(?!40000|1\/)\d+/g)).toBeNull();
  });
});

describe("messages of this project's extension", () => {
  test.each(extensionAccepted)("$file is taken as it was sent", ({ file, entries }) => {
    for (const [index, entry] of entries.entries()) {
      expect(refusalOfAccepted(entry), `${file}[${index}]: ${JSON.stringify(entry.message)}`).toBeUndefined();
    }
  });

  test("ask for everything that there is, and have an answer to it", () => {
    const recorded = new Set(
      extensionAccepted.flatMap(({ entries }) => entries.map(({ kind, method }) => `${kind} ${method}`)),
    );
    const methods = Object.entries(METHODS).filter(([, { since }]) => since === "holdfast");
    const wanted = methods.flatMap(([method, { kind }]) =>
      kind === "notice" ? [`notification ${method}`] : [`request ${method}`, `success ${method}`],
    );
    expect(wanted.filter((each) => !recorded.has(each))).toEqual([]);
  });

  test("have nothing left of the machine that recorded them", () => {
    const text = JSON.stringify(extensionAccepted);
    expect(text.match(/\/root|\.cache|\/tmp\/[^".]|127\.0\.0\.1:(?!40000)\d+/g)).toBeNull();
  });
});

describe("messages to refuse", () => {
  describe.each([...rejected, ...extensionRejected])("$file", ({ entries }) => {
    test.each(entries)("$id: $sentence", (entry) => {
      if (entry.answers !== undefined) {
        expect(refusalOfAnswer(entry.answers, entry) ?? "it would be taken").toContain(entry.expect.names);
        return;
      }
      const refusal = refusalOf(entry);
      expect(refusal, "it would be taken").toBeDefined();
      expect(refusal?.code).toBe(entry.expect.code);
      expect(refusal?.id).toBe(entry.message === undefined ? -1 : 1);
      expect(refusal?.message).toContain(entry.expect.names);
    });
  });

  test("ids are unique", () => {
    const ids = [...rejected, ...extensionRejected].flatMap(({ entries }) => entries.map(({ id }) => id));
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });
});

test("every error code that an executor sends has a message in the corpus", () => {
  const failures = accepted.flatMap(({ entries }) => entries.filter(({ kind }) => kind === "failure"));
  const codes = new Set(failures.map(({ message }) => (message.error as { code: number }).code));
  expect([...codes].sort()).toEqual([-32004, -32010, -32600, -32601, -32602, -32603]);
});

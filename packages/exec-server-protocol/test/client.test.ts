import type { ProcessOutputNotice, Received } from "@holdfast/exec-server-protocol";
import {
  type CallOptions,
  createExecServerCallbackRouter,
  createExecServerClient,
  type ExecServerClient,
  InvalidMessageError,
  isInvalidMessageError,
  type LinkV1,
} from "@holdfast/exec-server-protocol/client";
import { type PathUri, parsePathUri } from "@holdfast/path-uri";
import { describe, expect, expectTypeOf, test } from "vitest";

interface Call {
  readonly method: string;
  readonly params: unknown;
  readonly options: CallOptions | undefined;
}

/** A link that answers from a list and remembers what was sent. */
class ScriptedLink implements LinkV1 {
  readonly calls: Call[] = [];
  readonly notices: { method: string; params: unknown }[] = [];
  readonly handlers = new Map<string, (params: unknown) => void>();
  readonly #answers: unknown[];

  constructor(...answers: unknown[]) {
    this.#answers = answers;
  }

  async call(method: string, params: unknown, options?: CallOptions): Promise<unknown> {
    this.calls.push({ method, params, options });
    return this.#answers.shift();
  }

  notify(method: string, params: unknown): void {
    this.notices.push({ method, params });
  }

  on(method: string, handler: (params: unknown) => void): () => void {
    this.handlers.set(method, handler);
    return () => this.handlers.delete(method);
  }
}

const root = parsePathUri("file:///");

async function failure(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe("calls", () => {
  test("carry method, params and options, and give the checked result", async () => {
    const link = new ScriptedLink({ processId: "p", sandboxType: "none", later: 1 });
    const options = { timeoutMs: 5 };
    const params = { processId: "p", argv: ["true"], cwd: root, env: {}, tty: false };
    await expect(createExecServerClient(link).process.start(params, options)).resolves.toEqual({
      processId: "p",
      sandboxType: "none",
    });
    expect(link.calls).toEqual([{ method: "process/start", params, options }]);
  });

  test("send null where a method takes nothing", async () => {
    const link = new ScriptedLink({ shell: { name: "sh", path: "sh" } }, { status: "ready" });
    const client = createExecServerClient(link);
    await client.environment.info();
    await client.environment.status();
    expect(link.calls.map(({ method, params }) => [method, params])).toEqual([
      ["environment/info", null],
      ["environment/status", null],
    ]);
  });

  test("reach every method under its wire name", async () => {
    const link = new ScriptedLink();
    const client = createExecServerClient(link);
    const groups = Object.entries(client).flatMap(([group, member]) =>
      typeof member === "function"
        ? []
        : Object.entries(member as Record<string, (params: unknown) => Promise<unknown>>).map(
            ([name, call]) => [`${group}/${name}`, call] as const,
          ),
    );
    for (const [, call] of groups) await failure(call({}));
    expect(link.calls.map(({ method }) => method)).toEqual(groups.map(([name]) => name));
    expect(groups).toHaveLength(71);
  });

  test("give canonical paths", async () => {
    const client = createExecServerClient(new ScriptedLink({ path: "file:/a/../b" }));
    await expect(client.fs.canonicalize({ path: root })).resolves.toEqual({ path: "file:///b" });
  });

  test("pass the link's refusal through", async () => {
    const refused = new Error("refused");
    const link = { ...new ScriptedLink(), call: () => Promise.reject(refused), notify: () => {}, on: () => () => {} };
    expect(await failure(createExecServerClient(link).fs.close({ handleId: "h" }))).toBe(refused);
  });

  test("take what older executors leave out", async () => {
    const link = new ScriptedLink(
      { sessionId: "s" },
      { shell: { name: "bash", path: "/bin/bash" } },
      { chunks: [], nextSeq: 1, exited: false, closed: false },
    );
    const client = createExecServerClient(link);
    await expect(client.initialize({ clientName: "c" })).resolves.toEqual({ sessionId: "s" });
    await expect(client.environment.info()).resolves.toEqual({ shell: { name: "bash", path: "/bin/bash" } });
    await expect(client.process.read({ processId: "p" })).resolves.toMatchObject({ nextSeq: 1 });
  });

  test.each([
    [{}, "invalid result of process/read: missing field `chunks`", "chunks"],
    [null, "invalid result of process/read: invalid type: null, expected struct ProcessReadResult", ""],
    [undefined, "invalid result of process/read: invalid type: null, expected struct ProcessReadResult", ""],
    [
      { chunks: [{ seq: 1, stream: "stdout", chunk: "abc" }], nextSeq: 2, exited: false, closed: false },
      "invalid result of process/read: Invalid padding at `chunks[0].chunk`",
      "chunks[0].chunk",
    ],
    [
      { chunks: [{ seq: -1, stream: "stdout", chunk: "" }], nextSeq: 2, exited: false, closed: false },
      "invalid result of process/read: invalid number at `chunks[0].seq`",
      "chunks[0].seq",
    ],
  ])("refuse the answer %j", async (answer, message, memberPath) => {
    const error = await failure(createExecServerClient(new ScriptedLink(answer)).process.read({ processId: "p" }));
    expect(isInvalidMessageError(error)).toBe(true);
    expect(error).toBeInstanceOf(InvalidMessageError);
    expect(error).toMatchObject({ message, memberPath, method: "process/read", part: "result" });
  });
});

describe("notices", () => {
  test("initialized goes out with an empty object", () => {
    const link = new ScriptedLink();
    createExecServerClient(link).initialized();
    expect(link.notices).toEqual([{ method: "initialized", params: {} }]);
  });

  test("arrive checked until nobody listens", () => {
    const link = new ScriptedLink();
    const heard: Received<ProcessOutputNotice>[] = [];
    const stop = createExecServerClient(link).on("process/output", (notice) => heard.push(notice));
    const notice = { processId: "p", seq: 1, stream: "pty", chunk: "aGkK" } as const;
    link.handlers.get("process/output")?.({ ...notice, later: 1 });
    expect(heard).toEqual([{ ...notice, chunk: Buffer.from("hi\n") }]);
    stop();
    expect(link.handlers.size).toBe(0);
  });

  test("that are invalid go to onInvalid, not to the handler and not into the line", () => {
    const link = new ScriptedLink();
    const invalid: InvalidMessageError[] = [];
    const client = createExecServerClient(link, { onInvalid: (error) => invalid.push(error) });
    client.on("process/exited", () => expect.unreachable());
    for (const params of [null, {}, { processId: "p", seq: 1, exitCode: 2 ** 31 }])
      link.handlers.get("process/exited")?.(params);
    expect(invalid.map(({ message }) => message)).toEqual([
      "invalid params of process/exited: invalid type: null, expected struct ProcessExitedNotice",
      "invalid params of process/exited: missing field `processId`",
      "invalid params of process/exited: invalid number at `exitCode`",
    ]);
    createExecServerClient(link).on("process/exited", () => expect.unreachable());
    link.handlers.get("process/exited")?.(null);
  });
});

describe("requests of the server", () => {
  const params = { processId: "p", request: { protocol: "http", host: "a", port: 80 } };

  test("are decoded and run", () => {
    const router = createExecServerCallbackRouter<string>({
      "network/policyRequest": ({ request }) => ({ decision: { type: "deny", reason: request.host } }),
    });
    const routed = router.request("network/policyRequest", params);
    if (routed.kind !== "ready") throw new Error(routed.message);
    expect(routed.run("context")).toEqual({ decision: { type: "deny", reason: "a" } });
    expect(
      router.request("network/policyRequest", { ...params, request: { ...params.request, protocol: "quic" } }),
    ).toEqual({
      kind: "refused",
      code: -32602,
      message:
        "unknown variant `quic`, expected one of `http`, `https_connect`, `socks5_tcp`, `socks5_udp` at `request.protocol`",
    });
  });

  test("are not found when left out", () => {
    const router = createExecServerCallbackRouter<string>({ "network/policyRequest": "unsupported" });
    expect(router.request("network/policyRequest", params)).toMatchObject({
      code: -32601,
      message: "method `network/policyRequest` is not implemented by this client",
    });
  });
});

test("the types say what the wire says", () => {
  expectTypeOf<Parameters<ExecServerClient["fs"]["readFile"]>[0]["path"]>().toEqualTypeOf<PathUri>();
  expectTypeOf<Awaited<ReturnType<ExecServerClient["environment"]["status"]>>>().toEqualTypeOf<{ status: "ready" }>();
  expectTypeOf<ExecServerClient["initialized"]>().toEqualTypeOf<() => void>();
  const mistakes = (client: ExecServerClient) => [
    // @ts-expect-error a notice that servers do not send
    () => client.on("initialized", () => {}),
    // @ts-expect-error text that was not parsed is no path
    () => client.fs.readFile({ path: "file:///" }),
    // @ts-expect-error absent is not the same as undefined on the wire
    () => client.process.read({ processId: "p", afterSeq: undefined }),
  ];
  expect(mistakes(createExecServerClient(new ScriptedLink()))).toHaveLength(3);
});

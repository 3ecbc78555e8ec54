import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { validate } from "@holdfast/protocol-kit";
import { Ajv, type ValidateFunction } from "ajv";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ZodType } from "zod";
import { validatorName } from "../../src/identifiers.ts";
import { methodsOf } from "../../src/read/imported.ts";
import type { MethodTable } from "../../src/read/method-table.ts";
import {
  definitions,
  type GeneratedAppServer,
  generateAppServer,
  merged,
  releases,
  source,
  wholeReleases,
} from "./generated.ts";
import { JsonSamples, randomFrom } from "./json-samples.ts";

const root = fileURLToPath(new URL("../../../..", import.meta.url));

const FORMATS = ["uint", "uint16", "uint32", "uint64", "int32", "int64", "double"];

/** A busy machine takes its time for compilers. */
const LONG_MS = 300_000;

let made: GeneratedAppServer;
const validators = new Map<string, () => ZodType>();
beforeAll(async () => {
  made = await generateAppServer("test");
  for (const path of made.paths.filter((path) => path.endsWith("/zod.gen.ts"))) {
    const module = await import(pathToFileURL(join(made.folder, path)).href);
    for (const [name, value] of Object.entries(module)) validators.set(name, value as () => ZodType);
  }
}, LONG_MS);
afterAll(() => made[Symbol.dispose]());

function validator(type: string): ZodType {
  const found = validators.get(validatorName(type));
  if (found === undefined) throw new Error(`no validator of ${type}`);
  return found();
}

/** The other judge, with the formats of numbers. */
function judge(): Ajv {
  const ajv = new Ajv({ strict: false });
  const whole = (min: number, max: number) => ({
    type: "number" as const,
    validate: (value: number) => value >= min && value <= max,
  });
  ajv.addFormat("uint16", whole(0, 0xffff));
  ajv.addFormat("uint32", whole(0, 0xffff_ffff));
  ajv.addFormat("int32", whole(-0x8000_0000, 0x7fff_ffff));
  for (const format of ["uint", "uint64"]) ajv.addFormat(format, whole(0, 2 ** 64));
  ajv.addFormat("int64", whole(-(2 ** 63), 2 ** 63));
  ajv.addFormat("double", true);
  return ajv;
}

/** What is said of a value: `ok`, or the refusal. */
function verdict(type: string, value: unknown): string {
  const result = validate(validator(type), value);
  return result.ok ? "ok" : result.message;
}

/** How many there are of what: types, requests and notices of clients and servers. */
function counts(types: number, methods: MethodTable) {
  const count = (kind: string, from: string) => methods.filter((row) => row.kind === kind && row.from === from).length;
  return {
    types,
    clientRequests: count("request", "client"),
    serverRequests: count("request", "server"),
    clientNotices: count("notice", "client"),
    serverNotices: count("notice", "server"),
  };
}

describe("the releases of the app-server", () => {
  test.each([
    ["0.144.6", { types: 660, clientRequests: 122, serverRequests: 11, clientNotices: 1, serverNotices: 68 }],
    ["0.169.0", { types: 939, clientRequests: 184, serverRequests: 11, clientNotices: 1, serverNotices: 86 }],
    ["0.171.0", { types: 956, clientRequests: 189, serverRequests: 10, clientNotices: 1, serverNotices: 87 }],
  ])("are there as a whole: %s", (name, expected) => {
    const release = releases.find((each) => each.release === name);
    if (release === undefined) throw new Error(`no release ${name}`);
    expect(counts(release.types.size, methodsOf(source, release))).toEqual(expected);
  });

  test("are there together, with what no document of them has", () => {
    const unlisted = [
      "getAuthStatus",
      "getConversationSummary",
      "gitDiffToRemote",
      "rawResponse/completed",
      "rawResponseItem/completed",
    ];
    const names = merged.methods.map(({ method }) => method);
    expect(names).toEqual(expect.arrayContaining(unlisted));
    expect(counts(merged.types.names().length, merged.methods)).toEqual({
      types: 969,
      clientRequests: 193,
      serverRequests: 11,
      clientNotices: 1,
      serverNotices: 89,
    });
  });

  test("need no exception for a result that the rule finds", () => {
    const rows = wholeReleases.flatMap((release) => methodsOf(source, release));
    const byRule = Object.entries(source.resultExceptions).filter(([method, result]) =>
      rows
        .filter((row) => row.method === method)
        .every(({ params }) => params?.endsWith("Params") === true && params.replace(/Params$/, "Response") === result),
    );
    expect(byRule).toEqual([]);
  });

  test("have each request that may be repeated", () => {
    const repeated = merged.methods.filter(({ replay }) => replay === "always").map(({ method }) => method);
    expect(repeated.sort()).toEqual([...source.repeatable].sort());
  });
});

describe("the app-server of all releases", () => {
  test("has a validator for everything that a method takes or gives", async () => {
    const { METHOD_SCHEMAS } = await import(pathToFileURL(join(made.folder, "gen/zod.gen.ts")).href);
    for (const { method, params, result } of merged.methods) {
      const { params: taken, result: given } = METHOD_SCHEMAS[method];
      expect([method, taken?.name ?? null, given?.name ?? null]).toEqual([method, params, result]);
      for (const part of [taken, given])
        if (part !== null) expect(typeof part.schema.safeParse, method).toBe("function");
    }
  });

  test("keeps the name of every type", () => {
    const source = readFileSync(join(made.folder, "gen/types.gen.ts"), "utf8");
    for (const name of Object.keys(definitions)) {
      expect(source).toMatch(new RegExp(`^export (?:type|interface) ${name}\\b`, "m"));
    }
  });

  test("has a file for each namespace", () => {
    expect(made.paths).toContain("gen/thread/zod.gen.ts");
    expect(made.paths).toContain("gen/mcp-server-status/zod.gen.ts");
    const thread = readFileSync(join(made.folder, "gen/thread/zod.gen.ts"), "utf8");
    const others = [...thread.matchAll(/^import .* from "(\.[^"]+)"/gm)].map(([, from]) => from);
    expect(others).toEqual(["../shared/zod.gen.ts", "../types.gen.ts"]);
  });
});

describe("its hard shapes", () => {
  const image = { type: "imageGeneration", id: "1", status: "done", revisedPrompt: null };
  test.each<[type: string, value: unknown, verdict: string]>([
    ["SandboxPolicy", { type: "dangerFullAccess" }, "ok"],
    ["SandboxPolicy", { type: "workspaceWrite", writableRoots: ["/w"], networkAccess: true }, "ok"],
    ["SandboxPolicy", { type: "externalSandbox", networkAccess: "enabled" }, "ok"],
    [
      "SandboxPolicy",
      { type: "externalSandbox", networkAccess: "all" },
      "unknown variant `all`, expected `restricted` or `enabled` at `networkAccess`",
    ],
    [
      "SandboxPolicy",
      { type: "workspaceWrite", writableRoots: [1] },
      "invalid type: number, expected a string at `writableRoots[0]`",
    ],
    [
      "SandboxPolicy",
      { type: "readonly" },
      "unknown variant `readonly`, expected one of `dangerFullAccess`, `readOnly`, `externalSandbox`, `workspaceWrite` at `type`",
    ],
    ["SandboxPolicy", {}, "missing field `type`"],
    ["SandboxPolicy", "readOnly", 'invalid type: string "readOnly", expected a map'],
    ["ThreadItem", { type: "agentMessage", id: "1", text: "x" }, "ok"],
    ["ThreadItem", { type: "agentMessage", id: "1" }, "missing field `text`"],
    [
      "ThreadItem",
      { type: "agentMessage", id: "1", text: "x", completedAtMs: "now" },
      'invalid type: string "now", expected i64 at `completedAtMs`',
    ],
    ["ThreadItem", { type: "userMessage", id: "1", content: [{ type: "image", url: "u" }] }, "ok"],
    ["ThreadItem", { type: "userMessage", id: "1", content: [{ type: "image", fileId: "f" }] }, "ok"],
    [
      "ThreadItem",
      { type: "userMessage", id: "1", content: [{ type: "image" }] },
      "value matches none of its forms at `content[0]`",
    ],
    ["ThreadItem", { ...image, result: "r" }, "ok"],
    ["ThreadItem", { ...image, fileId: "f" }, "ok"],
    ["ThreadItem", image, "value matches none of its forms"],
    [
      "ThreadItem",
      { type: "nothing", id: "1" },
      expect.stringMatching(/^unknown variant `nothing`, expected one of `userMessage`/),
    ],
    ["AskForApproval", "on-request", "ok"],
    ["AskForApproval", { granular: { mcp_elicitations: true, rules: true, sandbox_approval: false } }, "ok"],
    ["AskForApproval", { granular: { rules: true } }, "missing field `mcp_elicitations` at `granular`"],
    [
      "AskForApproval",
      "always",
      "unknown variant `always`, expected one of `untrusted`, `on-request`, `never`, `granular`",
    ],
    ["ReviewDecision", { denied: { rejection: "no" } }, "ok"],
    // A word of 0.144.6, which became an object.
    ["ReviewDecision", "denied", "ok"],
    ["ReviewDecision", "refused", expect.stringMatching(/^unknown variant `refused`/)],
    ["CodexErrorInfo", "cyberPolicy", "ok"],
    ["CodexErrorInfo", { somethingNew: {} }, "ok"],
    ["CodexErrorInfo", 3, "value matches none of its forms"],
    ["RequestId", 7, "ok"],
    ["RequestId", 7.5, "invalid number"],
    ["ReasoningEffort", "", "must have at least 1 characters"],
    ["CommandExecParams", { command: ["ls"], env: { A: "1", B: null }, size: { rows: 24, cols: 65535 } }, "ok"],
    ["CommandExecParams", { command: ["ls"], env: { A: 1 } }, "invalid type: number, expected a string at `env.A`"],
    ["CommandExecParams", { command: ["ls"], size: { rows: 24, cols: 65536 } }, "invalid number at `size.cols`"],
    [
      "McpServerElicitationRequestParams",
      { mode: "url", elicitationId: "e", message: "m", url: "u", serverName: "s", threadId: "t" },
      "ok",
    ],
    [
      "McpServerElicitationRequestParams",
      { mode: "url", elicitationId: "e", message: "m", url: "u", threadId: "t" },
      "missing field `serverName`",
    ],
  ])("%s: %j is %s", (type, value, expected) => {
    expect(verdict(type, value)).toEqual(expected);
  });
});

test.each([
  ["0.144.6", 87],
  ["0.169.0", 141],
  ["0.171.0", 141],
])("every default is a value that its schema accepts: %s", (name, expected) => {
  const types = Object.fromEntries(releases.find(({ release }) => release === name)?.types ?? []);
  const ajv = new Ajv({ strict: false, formats: Object.fromEntries(FORMATS.map((format) => [format, true])) });
  ajv.addSchema({ definitions: types }, "app-server");
  let count = 0;
  const look = (schema: unknown, pointer: string): void => {
    if (typeof schema !== "object" || schema === null) return;
    if (Object.hasOwn(schema, "default") && !pointer.endsWith("/properties")) {
      count++;
      const { default: value } = schema as { default: unknown };
      expect([pointer, ajv.validate({ $ref: `app-server#${pointer}` }, value)]).toEqual([pointer, true]);
    }
    for (const [name, inner] of Object.entries(schema)) {
      if (name !== "default") look(inner, `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`);
    }
  };
  look(types, "/definitions");
  expect(count).toBe(expected);
});

test(
  "what one release sends, the validators of all of them take, and the document of all of them",
  () => {
    const ajv = judge();
    ajv.addSchema({ definitions }, "app-server");
    let judged = 0;
    for (const [index, { release, types }] of wholeReleases.entries()) {
      ajv.addSchema({ definitions: Object.fromEntries(types) }, release);
      const samples = new JsonSamples(Object.fromEntries(types), randomFrom(index));
      for (const type of types.keys()) {
        if (!validators.has(validatorName(type))) continue;
        const own = ajv.compile({ $ref: `${release}#/definitions/${type}` });
        const all = ajv.compile({ $ref: `app-server#/definitions/${type}` });
        for (let round = 0; round < 5; round++) {
          const value = samples.sample({ $ref: `#/definitions/${type}` });
          if (!own(value)) continue;
          judged++;
          expect([release, type, value, all(value), verdict(type, value)]).toEqual([release, type, value, true, "ok"]);
        }
      }
    }
    expect(judged).toBeGreaterThan(8_000);
  },
  LONG_MS,
);

function judgeAlike(rounds: number): void {
  const ajv = judge();
  ajv.addSchema({ definitions }, "app-server");
  const samples = new JsonSamples(definitions, randomFrom(169));
  const counts = { accepted: 0, refused: 0 };
  let judged = 0;
  for (const type of Object.keys(definitions)) {
    if (!validators.has(validatorName(type))) continue;
    judged++;
    const byAjv: ValidateFunction = ajv.compile({ $ref: `app-server#/definitions/${type}` });
    for (let round = 0; round < rounds; round++) {
      const sample = samples.sample({ $ref: `#/definitions/${type}` });
      for (const value of [sample, samples.spoiled(sample)]) {
        const accepted = byAjv(value);
        expect([type, value, validator(type).safeParse(value).success]).toEqual([type, value, accepted]);
        counts[accepted ? "accepted" : "refused"]++;
      }
    }
  }
  // The others are envelopes and unions of whole messages.
  expect(judged).toBe(940);
  expect(counts.accepted).toBeGreaterThan(500 * rounds);
  expect(counts.refused).toBeGreaterThan(500 * rounds);
}

const judgeAlikeName = "validators and schemas judge alike, whatever they are shown, %i times each";
test.each([2])(judgeAlikeName, { timeout: LONG_MS }, judgeAlike);
test.each([10])(judgeAlikeName, { timeout: LONG_MS, tags: "long" }, judgeAlike);

test(
  "validators give the types that are made of the same schemas, and a program uses both",
  async () => {
    using proof = await generateAppServer("build");
    writeFileSync(
      join(proof.folder, "consumer.ts"),
      [
        'import type { AppServerClient } from "./gen/stub-types.gen.ts";',
        'import type { SandboxPolicy, ThreadItem } from "./gen/types.gen.ts";',
        'import { METHOD_SCHEMAS } from "./gen/zod.gen.ts";',
        "export async function use(client: AppServerClient): Promise<string | undefined> {",
        '  const { thread } = await client.thread.start(METHOD_SCHEMAS["thread/start"].params.schema.parse({}));',
        '  await client.thread.goal.set({ threadId: thread.id, objective: "x" });',
        "  return thread.id;",
        "}",
        "export function roots(policy: SandboxPolicy): readonly string[] {",
        '  return policy.type === "workspaceWrite" ? (policy.writableRoots ?? []) : [];',
        "}",
        "export function text(item: ThreadItem): string | undefined {",
        "  // @ts-expect-error: only some items have a text",
        "  void item.text;",
        '  return item.type === "agentMessage" ? item.text : undefined;',
        "}",
        "",
      ].join("\n"),
    );
    const config = {
      extends: join(root, "tools/tsconfig/test.json"),
      compilerOptions: { types: ["node"], typeRoots: [join(root, "node_modules/@types")] },
      include: ["consumer.ts", "gen/**/*.ts"],
    };
    writeFileSync(join(proof.folder, "tsconfig.json"), JSON.stringify(config));
    const { status, stdout } = spawnSync(join(root, "node_modules/.bin/tsc"), ["--noEmit", "-p", proof.folder], {
      encoding: "utf8",
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: "" });
  },
  LONG_MS,
);

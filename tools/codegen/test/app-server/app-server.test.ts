import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { validate } from "@holdfast/protocol-kit";
import { Ajv, type ValidateFunction } from "ajv";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ZodType } from "zod";
import { validatorName } from "../../src/identifiers.ts";
import { type GeneratedAppServer, generateAppServer } from "./generated.ts";
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

/** What is said of a value: `ok`, or the refusal. */
function verdict(type: string, value: unknown): string {
  const result = validate(validator(type), value);
  return result.ok ? "ok" : result.message;
}

describe("the app-server of release 0.169.0", () => {
  test("is there as a whole", () => {
    expect(Object.keys(made.definitions)).toHaveLength(947);
    const count = (...[kind, from]: readonly string[]) =>
      made.methods.filter((row) => row.kind === kind && row.from === from).length;
    expect({
      clientRequests: count("request", "client"),
      serverRequests: count("request", "server"),
      clientNotices: count("notice", "client"),
      serverNotices: count("notice", "server"),
    }).toEqual({ clientRequests: 187, serverRequests: 11, clientNotices: 1, serverNotices: 88 });
  });

  test("has a validator for everything that a method takes or gives", async () => {
    const { METHOD_SCHEMAS } = await import(pathToFileURL(join(made.folder, "gen/zod.gen.ts")).href);
    for (const { method, params, result } of made.methods) {
      const { params: taken, result: given } = METHOD_SCHEMAS[method];
      expect([method, taken?.name ?? null, given?.name ?? null]).toEqual([method, params, result]);
      for (const part of [taken, given])
        if (part !== null) expect(typeof part.schema.safeParse, method).toBe("function");
    }
  });

  test("keeps the name of every type", () => {
    const source = readFileSync(join(made.folder, "gen/types.gen.ts"), "utf8");
    for (const name of Object.keys(made.definitions)) {
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
    ["ReviewDecision", "denied", expect.stringMatching(/^unknown variant `denied`/)],
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

test("every default is a value that its schema accepts", () => {
  const ajv = new Ajv({ strict: false, formats: Object.fromEntries(FORMATS.map((format) => [format, true])) });
  ajv.addSchema({ definitions: made.definitions }, "app-server");
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
  look(made.definitions, "/definitions");
  expect(count).toBe(141);
});

test(
  "validators and schemas judge alike, whatever they are shown",
  () => {
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
    ajv.addSchema({ definitions: made.definitions }, "app-server");
    const samples = new JsonSamples(made.definitions, randomFrom(169));
    const counts = { accepted: 0, refused: 0 };
    let judged = 0;
    for (const type of Object.keys(made.definitions)) {
      if (!validators.has(validatorName(type))) continue;
      judged++;
      const judge: ValidateFunction = ajv.compile({ $ref: `app-server#/definitions/${type}` });
      for (let round = 0; round < 10; round++) {
        const sample = samples.sample({ $ref: `#/definitions/${type}` });
        for (const value of [sample, samples.spoiled(sample)]) {
          const accepted = judge(value);
          expect([type, value, validator(type).safeParse(value).success]).toEqual([type, value, accepted]);
          counts[accepted ? "accepted" : "refused"]++;
        }
      }
    }
    // The others are envelopes and unions of whole messages.
    expect(judged).toBe(918);
    expect(counts.accepted).toBeGreaterThan(5_000);
    expect(counts.refused).toBeGreaterThan(5_000);
  },
  LONG_MS,
);

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

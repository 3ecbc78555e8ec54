import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  LONG_MODEL_TOOL_NAME_MAX_BYTES,
  MODEL_TOOL_NAME_MAX_BYTES,
  modelToolNames,
  type RawTool,
} from "../../src/naming/model-tool-names.ts";

type Servers = Readonly<Record<string, readonly string[]>>;

function named(servers: Servers, maxBytes = MODEL_TOOL_NAME_MAX_BYTES): readonly string[] {
  const tools = Object.entries(servers).flatMap(([server, names]) => names.map((tool) => ({ server, tool })));
  return [...modelToolNames(tools, { maxBytes }).values()].map(({ namespace, name }) => `${namespace} ${name}`).sort();
}

const N50 = "n".repeat(50);
const T20 = "t".repeat(20);

/** What releases of Codex put before a model for these servers: 64 bytes as 0.144.6, 128 as 0.169.0 and 0.171.0. */
const VECTORS: readonly (readonly [why: string, maxBytes: number, servers: Servers, names: readonly string[]])[] = [
  ["a hyphen", 64, { "my-srv": ["plain"] }, ["mcp__my_srv plain"]],
  [
    "the same name twice",
    64,
    { alpha: ["a.b c-d", "a_b_c_d", "ok"] },
    ["mcp__alpha a_b_c_d_3c5e8fdc2d7b", "mcp__alpha a_b_c_d_ca61a81828d4", "mcp__alpha ok"],
  ],
  [
    "the same namespace twice",
    64,
    { "a-b": ["t"], a_b: ["t", "u v"] },
    ["mcp__a_b_909e3df97957 t", "mcp__a_b_909e3df97957 u_v", "mcp__a_b_e0598e406614 t"],
  ],
  [
    "a namespace and a name that together are another pair's",
    64,
    { b: ["bé"], bb: ["😀"] },
    ["mcp__b b_", "mcp__bb __a1f52ef335dc"],
  ],
  ["underscores at the end", 64, { c__: ["t"] }, ["mcp__c__ t"]],
  [
    "names with nothing of what models take",
    64,
    { "9": ["1x", "", "é", "__", "a__", "日本"] },
    [
      "mcp__9 1x",
      "mcp__9 ___38ffd5c33fd7",
      "mcp__9 ___73736c17a3a6",
      "mcp__9 __d82fd1169a10",
      "mcp__9 __e42ad3bd2f09",
      "mcp__9 a__",
    ],
  ],
  [
    "a tool that is too long for 64 bytes",
    64,
    { "my-srv": ["x".repeat(70)] },
    [`mcp__my_srv ${"x".repeat(38)}_920d1b464c3e`],
  ],
  ["and not for 128", 128, { "my-srv": ["x".repeat(70)] }, [`mcp__my_srv ${"x".repeat(70)}`]],
  [
    "tools around 128 bytes",
    128,
    { "my-srv": ["c".repeat(115), "d".repeat(116), "j".repeat(300)] },
    [
      `mcp__my_srv ${"c".repeat(115)}`,
      `mcp__my_srv ${"d".repeat(102)}_aac852dae9c7`,
      `mcp__my_srv ${"j".repeat(102)}_cfe1aa3c99bf`,
    ],
  ],
  [
    "a namespace that leaves room for one tool and not for the other",
    64,
    { [N50]: ["short", T20] },
    [`mcp__${"n".repeat(44)} _46432d3236c1`, `mcp__${N50} short`],
  ],
  ["and for both", 128, { [N50]: ["short", T20] }, [`mcp__${N50} short`, `mcp__${N50} ${T20}`]],
  [
    "namespaces that get a hash and become too long by it",
    64,
    { [`${N50}a-b`]: ["short", T20], [`${N50}a_b`]: ["short"] },
    [
      `mcp__${"n".repeat(44)} _2181efe15298`,
      `mcp__${"n".repeat(44)} _7abd314f0da4`,
      `mcp__${"n".repeat(44)} _e2c2ad46b9a1`,
    ],
  ],
  [
    "a namespace that is too long for any tool",
    128,
    { ["k".repeat(130)]: ["t", "uu", "v".repeat(30)] },
    ["_29ba9b27895e", "_ad288622eb5d", "_f9ae862f4e50"].map((name) => `mcp__${"k".repeat(108)} ${name}`),
  ],
];

describe("names of tools for models", () => {
  test.each(VECTORS)("are those of Codex: %s", (_why, maxBytes, servers, names) => {
    expect(named(servers, maxBytes)).toEqual([...names].sort());
  });

  test("leave out exact duplicates alone", () => {
    const tools: RawTool[] = [
      { server: "a", tool: "t" },
      { server: "a", tool: "t" },
      { server: "a", tool: "t", connectorId: "c" },
    ];
    const names = [...modelToolNames(tools).values()];
    expect(names).toHaveLength(2);
    expect(new Set(names.map(({ namespace }) => namespace)).size).toBe(2);
  });

  test("are unique, short, of few characters, and the same in whatever order the tools come", () => {
    const name = fc.oneof(
      fc.string({ unit: fc.constantFrom("a", "_", "-", ".", "é", "😀"), maxLength: 6 }),
      fc.string({ unit: fc.constantFrom("a", "b", "-"), minLength: 30, maxLength: 140 }),
    );
    const tool = fc.record({ server: name, tool: name });
    const maxBytes = fc.constantFrom(MODEL_TOOL_NAME_MAX_BYTES, LONG_MODEL_TOOL_NAME_MAX_BYTES);
    fc.assert(
      fc.property(fc.array(tool, { maxLength: 12 }), maxBytes, (tools, limit) => {
        const names = modelToolNames(tools, { maxBytes: limit });
        const texts = [...names.values()].map(({ namespace, name }) => `${namespace}__${name}`);
        const joined = [...names.values()].map((each) => each.namespace + each.name);
        expect(new Set(joined).size).toBe(names.size);
        expect(names.size).toBe(new Set(tools.map((each) => JSON.stringify(each))).size);
        for (const text of texts) expect(text).toMatch(new RegExp(`^[A-Za-z0-9_]{1,${limit}}$`));
        const again = modelToolNames(tools.toReversed(), { maxBytes: limit });
        expect([...again.values()]).toEqual([...names.values()]);
      }),
    );
  });

  test("need room for a hash", () => {
    expect(() => modelToolNames([], { maxBytes: 31 })).toThrow(RangeError);
    expect(() => modelToolNames([], { maxBytes: Number.NaN })).toThrow(RangeError);
  });
});

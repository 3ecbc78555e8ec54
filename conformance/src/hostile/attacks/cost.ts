import assert from "node:assert/strict";
import { contextFor, managed } from "../../sandbox/columns.ts";
import { startParams } from "../../start-params.ts";
import { WireLine } from "../../wire-line.ts";
import type { Attack } from "../attack.ts";

const PATIENCE_MS = 3_000;
function special(kind: string, access: string) {
  return { path: { type: "special", value: { kind } }, access };
}

export const COST: readonly Attack[] = [
  {
    id: "cost.one-frame",
    sentence: "no single request of one client makes another client wait",
    essential: true,
    async run({ playground, serve }) {
      const { workspace } = playground;
      const params = { processId: "p", argv: ["nosuch"] };
      const start = (more: object): [string, object] => [
        "process/start",
        startParams(workspace, { ...params, ...more }),
      ];
      const policy = { inherit: "none", ignoreDefaultExcludes: true, exclude: [], set: {}, includeOnly: [] };
      const entries = Array.from({ length: 20_000 }, (_, n) => ({
        path: { type: "path", path: `file:///usr/share/none-${n}` },
        access: "deny",
      }));
      const globs = Array.from({ length: 300 }, (_, n) => ({
        path: { type: "glob_pattern", pattern: `/usr/**/*.none${n}` },
        access: "deny",
      }));
      const sandbox = (extra: readonly object[]) =>
        contextFor(workspace, managed([special("root", "read"), ...(extra as Readonly<Record<string, unknown>>[])]));
      const requests: Readonly<Record<string, [string, object]>> = {
        "a pattern for variables": start({
          envPolicy: { ...policy, set: { ["a".repeat(400)]: "1" }, includeOnly: ["*a*a*a*a*a*a*b"] },
        }),
        "200,000 empty entries of PATH": start({ env: { PATH: ":".repeat(200_000) } }),
        "20,000 entries of PATH, confined": start({ env: { PATH: ":".repeat(20_000) }, sandbox: sandbox([]) }),
        "500,000 names in a path": [
          "fs/getMetadata",
          { path: `file:///nope/${"a/".repeat(500_000)}`, followSymlinks: false },
        ],
        "100,000 variables": start({
          env: Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`V${n}`, "1"])),
        }),
        "20,000 entries of a profile": start({ sandbox: sandbox(entries) }),
        "300 patterns of a profile": start({ sandbox: sandbox(globs) }),
      };
      for (const [name, [method, request]] of Object.entries(requests)) {
        await using executor = await serve();
        await using one = await WireLine.open(executor.url);
        await using other = await WireLine.open(executor.url);
        await other.call("environment/info", {});
        const progress = { isAnswered: false };
        const answered = one.call(method, request, 60_000).finally(() => {
          progress.isAnswered = true;
        });
        // It may be refused by the end of its line.
        answered.catch(() => {});
        // As long as it is under way, the other client is answered.
        do {
          await other
            .call("environment/info", {}, PATIENCE_MS)
            .catch(() => assert.fail(`${name}: nobody else is answered`));
        } while (!progress.isAnswered);
      }
    },
  },
];

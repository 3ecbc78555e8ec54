import { Visitor } from "oxc-parser";
import { againstKnown } from "../known-breaches.ts";
import type { SourceFile } from "../source-file.ts";
import type { WorkspacePackage } from "../workspace.ts";

/** Files that may ask the system for a timer, and why that is right. */
const ALLOWED: Readonly<Record<string, string>> = {
  "packages/rpc/src/clock.ts": "the clock itself",
  "packages/cli/src/program.ts": "waits for nothing: it keeps the program alive",
  "packages/rpc/src/client/reconnect/keep-alive.ts": "waits for nothing: it keeps the program alive",
  "packages/executor/src/platform/child-reaper.ts": "waits for nothing: it keeps the program alive",
  "packages/executor/src/filesystem/write-stream.ts":
    "takes a clock; its own is for programs that load no other package",
  "packages/executor/src/mount-targets/synthetic-targets.ts": "waits for nothing: it keeps the program alive",
};

/** Files that wait without a clock from before the rule; the list may only become shorter. */
export const KNOWN_TIMERS: readonly string[] = [
  "packages/cli/src/doctor/sandbox-trial.ts",
  "packages/cli/src/exec/foreground-command.ts",
  "packages/cli/src/exec/outage-notice.ts",
  "packages/sandbox/src/proxy/proxy-core.ts",
  "packages/sandbox/src/proxy/socks-proxy.ts",
];

const TIMERS: ReadonlySet<string> = new Set(["setTimeout", "setInterval"]);
const TIMER_MODULES: ReadonlySet<string> = new Set(["node:timers", "node:timers/promises"]);

/** What waits takes a clock, so that a test can drive time: nothing published asks the system for a timer by itself. */
export function timers(
  packages: readonly WorkspacePackage[],
  allowed: Readonly<Record<string, string>> = ALLOWED,
  known: readonly string[] = KNOWN_TIMERS,
): readonly string[] {
  const users = packages
    .filter(({ folder }) => folder.startsWith("packages/") && folder !== "packages/testkit")
    .flatMap(({ sources }) => sources)
    .filter((source) => /set(?:Timeout|Interval)/.test(source.text) && asksForTimer(source))
    .map(({ path }) => path);
  const breaches = users
    .filter((path) => allowed[path] === undefined)
    .map((path) => ({ key: path, text: `${path}: take a Clock instead of a timer of the system` }));
  return [
    ...againstKnown(breaches, known, "KNOWN_TIMERS"),
    ...Object.keys(allowed)
      .filter((path) => !users.includes(path))
      .map((path) => `${path}: asks for no timer; take it out of ALLOWED`),
  ];
}

/** By the global functions or by those of Node's modules; the timeout of a socket is a matter of the socket. */
function asksForTimer({ program }: SourceFile): boolean {
  let isFound = false;
  new Visitor({
    CallExpression({ callee }) {
      isFound ||= callee.type === "Identifier" && TIMERS.has(callee.name);
      isFound ||=
        callee.type === "MemberExpression" &&
        callee.object.type === "Identifier" &&
        callee.object.name === "globalThis" &&
        callee.property.type === "Identifier" &&
        TIMERS.has(callee.property.name);
    },
    ImportDeclaration({ source, specifiers }) {
      isFound ||=
        TIMER_MODULES.has(source.value) &&
        specifiers.some(
          (specifier) =>
            specifier.type !== "ImportSpecifier" ||
            (specifier.imported.type === "Identifier" && TIMERS.has(specifier.imported.name)),
        );
    },
  }).visit(program);
  return isFound;
}

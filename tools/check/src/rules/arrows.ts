import { packageOf, type WorkspacePackage } from "../workspace.ts";

/** Level of each package: it may import lower levels, never its own. */
export const LEVELS: Readonly<Record<string, number>> = {
  "@holdfast/path-uri": 0,
  "@holdfast/protocol-kit": 0,
  "@holdfast/testkit": 0,
  "@holdfast/rpc": 1,
  "@holdfast/permission-profile": 1,
  "@holdfast/exec-server-protocol": 2,
  "@holdfast/app-server-protocol": 2,
  "@holdfast/relay-protocol": 2,
  "@holdfast/sandbox": 3,
  "@holdfast/exec-client": 3,
  "@holdfast/app-server-client": 3,
  "@holdfast/executor": 4,
  "@holdfast/mcp": 4,
  "@holdfast/relay": 4,
  "@holdfast/orchestrator": 5,
  "@holdfast/ai-sdk": 5,
  "@holdfast/openai-agents": 5,
  holdfast: 6,
  "@holdfast/conformance": 7,
  "@holdfast/bench": 7,
  "@holdfast/examples": 7,
};

/** Level of what proves and shows the packages: conformance, bench and examples. */
const TOP_LEVEL = 7;

/** Pairs that no level forbids, yet must not meet. */
const FORBIDDEN: readonly (readonly [string, string, string])[] = [
  ["@holdfast/rpc", "@holdfast/path-uri", "calls carry what they carry; they know no paths"],
  ["@holdfast/exec-server-protocol", "@holdfast/rpc", "stubs take the link of the protocol kit"],
  ["@holdfast/app-server-protocol", "@holdfast/rpc", "stubs take the link of the protocol kit"],
  ["@holdfast/relay-protocol", "@holdfast/rpc", "what is said says nothing of how it travels"],
  [
    "@holdfast/orchestrator",
    "@holdfast/executor",
    "a local environment is joined over a memory link by the command line",
  ],
  ["@holdfast/executor", "@holdfast/exec-client", "an executor never drives another"],
];

/** Arrows between packages point down only. */
export function arrows(packages: readonly WorkspacePackage[]): readonly string[] {
  const isTool = ({ folder }: WorkspacePackage) => folder.startsWith("tools/");
  const tools = new Set(packages.filter(isTool).map(({ name }) => name));
  return packages.flatMap((owner) => (isTool(owner) ? [] : breachesOf(owner, tools)));
}

function breachesOf(owner: WorkspacePackage, tools: ReadonlySet<string>): readonly string[] {
  const level = LEVELS[owner.name];
  if (level === undefined) return [`${owner.folder}: ${owner.name} has no level in tools/check/src/rules/arrows.ts`];
  return owner.sources.flatMap(({ path, imports }) =>
    imports.flatMap((specifier) => {
      const target = packageOf(specifier);
      const targetLevel = LEVELS[target];
      // What proves the packages may use what builds and checks them.
      if (level === TOP_LEVEL && tools.has(target)) return [];
      if (target === owner.name || (targetLevel === undefined && !target.startsWith("@holdfast/"))) return [];
      if (targetLevel === undefined || targetLevel >= level)
        return [`${path}: ${owner.name} must not import ${target}: arrows point down`];
      if (target === "@holdfast/testkit" && level < TOP_LEVEL) return [`${path}: @holdfast/testkit is for tests`];
      const pair = FORBIDDEN.find(([from, to]) => from === owner.name && to === target);
      return pair === undefined ? [] : [`${path}: ${owner.name} must not import ${target}: ${pair[2]}`];
    }),
  );
}

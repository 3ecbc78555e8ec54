/** How a child's environment grows out of the executor's. */
export interface EnvironmentPolicy {
  readonly inherit: "core" | "all" | "none";
  readonly ignoreDefaultExcludes: boolean;
  readonly exclude: readonly string[];
  readonly set: Readonly<Record<string, string>>;
  readonly includeOnly: readonly string[];
}

const CORE_NAMES = new Set("PATH SHELL TMPDIR TEMP TMP HOME LANG LC_ALL LC_CTYPE LOGNAME USER".split(" "));
const DEFAULT_EXCLUDES = ["*KEY*", "*SECRET*", "*TOKEN*"];
/** Settings of an executor itself: no child may see them, whoever put them there. */
const NEVER_PASSED = ["CODEX_EXEC_SERVER_EXIT_ON_STDIN_CLOSE", "CODEX_EXEC_SERVER_NOISE_AUTH_TOKEN"];

type Variables = Record<string, string>;

/**
 * A matcher of whole names, whatever their case: `*` is any run of characters, `?` one, all else literal.
 * The empty pattern matches nothing.
 */
export function nameMatcher(pattern: string): (name: string) => boolean {
  if (pattern === "") return () => false;
  const source = pattern.replace(/[\\^$.+()|[\]{}*?]/g, (char) =>
    char === "*" ? ".*" : char === "?" ? "." : `\\${char}`,
  );
  const expression = new RegExp(`^${source}$`, "isu");
  return (name) => expression.test(name);
}

function dropMatching(variables: Variables, patterns: readonly string[]): Variables {
  const matchers = patterns.map(nameMatcher);
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !matchers.some((matches) => matches(name))));
}

function inherited(base: Readonly<Variables>, inherit: EnvironmentPolicy["inherit"]): Variables {
  if (inherit === "none") return {};
  if (inherit === "all") return { ...base };
  return Object.fromEntries(Object.entries(base).filter(([name]) => CORE_NAMES.has(name.toUpperCase())));
}

/**
 * The environment of one child.
 *
 * Without a policy it is exactly `env`: not even `PATH` is inherited. With one, `env` is laid over what the policy
 * leaves, and is never filtered by it.
 *
 * @param base - The executor's own environment.
 */
export function childEnvironment(
  base: Readonly<Variables>,
  env: Readonly<Variables>,
  policy: EnvironmentPolicy | undefined,
): Variables {
  const variables = policy === undefined ? {} : applyPolicy(base, policy);
  Object.assign(variables, env);
  for (const name of NEVER_PASSED) delete variables[name];
  return variables;
}

function applyPolicy(base: Readonly<Variables>, policy: EnvironmentPolicy): Variables {
  let variables = inherited(base, policy.inherit);
  if (!policy.ignoreDefaultExcludes) variables = dropMatching(variables, DEFAULT_EXCLUDES);
  if (policy.exclude.length > 0) variables = dropMatching(variables, policy.exclude);
  Object.assign(variables, policy.set);
  if (policy.includeOnly.length === 0) return variables;
  const matchers = policy.includeOnly.map(nameMatcher);
  return Object.fromEntries(Object.entries(variables).filter(([name]) => matchers.some((matches) => matches(name))));
}

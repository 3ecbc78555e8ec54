import { type MatchingSteps, matchesWildcard } from "@holdfast/permission-profile";
import { SpawnFault } from "./child.ts";

/** How a child's environment grows out of the executor's. */
export interface EnvironmentPolicy {
  readonly inherit: "core" | "all" | "none";
  readonly ignoreDefaultExcludes: boolean;
  readonly exclude: readonly string[];
  readonly set: Readonly<Record<string, string>>;
  readonly includeOnly: readonly string[];
}

export interface EnvironmentLimits {
  /** Comparisons of one character that the patterns of one policy may take, over all variables. */
  readonly maxPatternSteps: number;
  /** Variables of one environment. */
  readonly maxEnvironmentVariables: number;
}

const CORE_NAMES = new Set("PATH SHELL TMPDIR TEMP TMP HOME LANG LC_ALL LC_CTYPE LOGNAME USER".split(" "));
const DEFAULT_EXCLUDES = ["*KEY*", "*SECRET*", "*TOKEN*"];
/** Settings of an executor itself: no child may see them, wherever they come from. */
const NEVER_PASSED = ["CODEX_EXEC_SERVER_EXIT_ON_STDIN_CLOSE", "CODEX_EXEC_SERVER_NOISE_AUTH_TOKEN"];
const ASCII = /^\p{ASCII}*$/u;

type Variables = Record<string, string>;
/** Is this the name of a variable that the patterns are about? */
type NameTest = (name: string) => boolean;

/**
 * The environment of one child.
 *
 * Without a policy it is exactly `env`: not even `PATH` is inherited. With one, `env` is laid over what the policy
 * leaves, and is never filtered by it.
 *
 * @param base - The executor's own environment.
 * @throws SpawnFault when there are too many variables, or the patterns of the policy are too costly for those that they are
 *   matched with.
 */
export function childEnvironment(
  base: Readonly<Variables>,
  env: Readonly<Variables>,
  policy: EnvironmentPolicy | undefined,
  limits: EnvironmentLimits,
): Variables {
  const { maxEnvironmentVariables: most } = limits;
  const variables = policy === undefined ? {} : applyPolicy(base, policy, limits);
  checkCount(Object.keys(variables).length, most);
  checkCount(Object.keys(env).length, most);
  Object.assign(variables, env);
  checkCount(Object.keys(variables).length, most);
  for (const name of NEVER_PASSED) delete variables[name];
  return variables;
}

/** Before each step that would go through them all. */
function checkCount(count: number, most: number): void {
  if (count <= most) return;
  throw new SpawnFault(`the environment has ${count} variables, at most ${most} are possible`);
}

function applyPolicy(base: Readonly<Variables>, policy: EnvironmentPolicy, limits: EnvironmentLimits): Variables {
  checkCount(Object.keys(policy.set).length, limits.maxEnvironmentVariables);
  const steps = { left: limits.maxPatternSteps };
  const defaults = policy.ignoreDefaultExcludes ? [] : DEFAULT_EXCLUDES;
  const isExcluded = matcherOf([...defaults, ...policy.exclude], steps);
  const kept = pick(base, (name) => isInherited(name, policy.inherit) && !isExcluded(name));
  Object.assign(kept, policy.set);
  const variables = policy.includeOnly.length === 0 ? kept : pick(kept, matcherOf(policy.includeOnly, steps));
  if (steps.left < 0) {
    throw new SpawnFault(
      `the patterns of \`envPolicy\` take more than ${limits.maxPatternSteps} comparisons with the names of the variables: ` +
        "give fewer or shorter ones",
    );
  }
  return variables;
}

function isInherited(name: string, inherit: EnvironmentPolicy["inherit"]): boolean {
  return inherit === "all" || (inherit === "core" && CORE_NAMES.has(name.toUpperCase()));
}

function pick(variables: Readonly<Variables>, wanted: NameTest): Variables {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => wanted(name)));
}

/**
 * A test for names that one of the patterns matches as a whole, ignoring case: `*` is any run of characters, `?` one,
 * all else literal. The empty pattern matches nothing.
 *
 * @param steps - Used up, the test says no to everything.
 */
export function matcherOf(patterns: readonly string[], steps: MatchingSteps): NameTest {
  const folded = patterns.filter((pattern) => pattern !== "").map(withoutCase);
  return (name) => {
    if (folded.length === 0 || steps.left < 0) return false;
    const text = withoutCase(name);
    return folded.some((pattern) => matchesWildcard(pattern, text, steps));
  };
}

/** Characters in lower case, each for itself: some become two, and still are one. */
function withoutCase(text: string): ArrayLike<string> {
  return ASCII.test(text) ? text.toLowerCase() : Array.from(text, (char) => char.toLowerCase());
}

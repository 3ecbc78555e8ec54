const IDENTIFIER = /^[A-Za-z_$][A-Za-z0-9_$]*$/;

/** Words that a declaration cannot be named by. */
const RESERVED = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends false " +
    "finally for function if implements import in instanceof interface let new null package private protected public return " +
    "static super switch this throw true try typeof undefined var void while with yield"
  ).split(" "),
);

/** How a member name is written in an object literal or an interface. */
export function memberKey(name: string): string {
  // A plain `__proto__:` in a literal sets the prototype instead of a member.
  if (name === "__proto__") return '["__proto__"]';
  return IDENTIFIER.test(name) ? name : JSON.stringify(name);
}

/** A string literal in source. */
export function literal(value: unknown): string {
  return JSON.stringify(value)
    .replace(/\u2028/g, "\\u2028")
    .replace(/\u2029/g, "\\u2029");
}

/**
 * Name of the validator of a type: `ProcessStartParams` gives `processStartParamsSchema`.
 *
 * @throws Error for a type name that is no identifier.
 */
export function validatorName(type: string): string {
  return `${lowerFirst(typeName(type))}Schema`;
}

/** @throws Error for a name that cannot name a type in source. */
export function typeName(name: string): string {
  if (!IDENTIFIER.test(name) || RESERVED.has(name)) throw new Error(`${literal(name)} cannot name a type`);
  return name;
}

/** Give each of several things a name of its own. @throws Error that names the two that clash. */
export function uniqueNames<T>(
  things: readonly T[],
  nameOf: (thing: T) => string,
  describe: (thing: T) => string,
): Map<string, T> {
  const named = new Map<string, T>();
  for (const thing of things) {
    const name = nameOf(thing);
    const other = named.get(name);
    if (other !== undefined) throw new Error(`${describe(other)} and ${describe(thing)} would both be named ${name}`);
    named.set(name, thing);
  }
  return named;
}

/**
 * A wire method as a path into the stub: `thread/goal/set` is `["thread", "goal", "set"]`.
 *
 * @throws Error for one that is no path.
 */
export function stubPath(method: string): readonly string[] {
  const path = method.split("/");
  if (path.some((step) => !IDENTIFIER.test(step) || step === "__proto__")) {
    throw new Error(`method ${literal(method)} has no place in a stub`);
  }
  return path;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

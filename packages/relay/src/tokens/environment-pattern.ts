/** Characters that an id of an environment has at most. */
export const MAX_ENVIRONMENT_ID_LENGTH = 128;

const ID = /^[\w.~-](?:[\w.~ -]*[\w.~-])?$/;
const PATTERN = /^[\w.~*-](?:[\w.~* -]*[\w.~*-])?$/;

/**
 * Whether a text can be the id of an environment: letters, digits, `_`, `-`, `.`, `~`, and blanks inside, at most 128 of them. What is none of these would not be the same
 * in a path, in a subject of a message queue and in a log.
 */
export function isEnvironmentId(text: string): boolean {
  return text.length <= MAX_ENVIRONMENT_ID_LENGTH && ID.test(text) && text !== "." && text !== "..";
}

/** Whether a text can say which environments a token is for: an id, in which each `*` is any number of characters. */
export function isEnvironmentPattern(text: string): boolean {
  return text.length <= MAX_ENVIRONMENT_ID_LENGTH && PATTERN.test(text);
}

/** Whether an environment is one of those that a pattern means. It takes time in proportion to both, whatever they are. */
export function matchesEnvironment(pattern: string, environmentId: string): boolean {
  const [first = "", ...others] = pattern.split("*");
  const last = others.pop();
  if (last === undefined) return pattern === environmentId;
  if (!environmentId.startsWith(first)) return false;
  let at = first.length;
  for (const part of others) {
    const found = environmentId.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return environmentId.length - last.length >= at && environmentId.endsWith(last);
}

/** What limited reading in a sandbox policy once, by the type of the policy. No release takes it any more, and ignoring it would let read what must not be. */
const RETIRED: ReadonlyMap<unknown, string> = new Map([
  ["readOnly", "access"],
  ["workspaceWrite", "readOnlyAccess"],
]);

/**
 * Why the sandbox policy in the params of a request can not be used: it limits what may be read, as clients of old releases do. Undefined: it can, or there is none.
 *
 * @param params - As they came: members that are not known have not been dropped yet.
 */
export function retiredAccess(params: unknown): string | undefined {
  const policy = memberOf(params, "sandboxPolicy");
  const type = memberOf(policy, "type");
  const member = RETIRED.get(type);
  if (member === undefined) return undefined;
  const access = memberOf(policy, member);
  // Full access is what a policy without it has.
  if (access === undefined || access === null || memberOf(access, "type") === "fullAccess") return undefined;
  return `${type}.${member} is no longer supported; use permissionProfile for restricted reads`;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

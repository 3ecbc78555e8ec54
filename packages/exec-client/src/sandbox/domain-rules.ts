import { InvalidArgumentError } from "../errors.ts";

/** A pattern for hosts: a host itself, `*.` for every host below it, `**.` for both. */
interface HostPattern {
  readonly host: string;
  readonly isItself: boolean;
  readonly isBelow: boolean;
}

/**
 * Lists of domains as the executor's proxy takes them.
 *
 * @throws InvalidArgumentError - `sandbox`: an entry is a URL, has a port or a wildcard elsewhere, or is in both lists.
 */
export function domainDecisions(
  allow: readonly string[],
  deny: readonly string[],
): Readonly<Record<string, "allow" | "deny">> {
  for (const source of [...allow, ...deny]) hostPattern(source);
  const both = allow.find((source) => deny.includes(source));
  if (both !== undefined) throw refusal(`${JSON.stringify(both)} is both allowed and denied`);
  return Object.fromEntries([
    ...allow.map((source) => [source, "allow"] as const),
    ...deny.map((source) => [source, "deny"] as const),
  ]);
}

/** Whether lists of domains let a host through, by its name alone. */
export function allowsHost(host: string, allow: readonly string[], deny: readonly string[]): boolean {
  const named = host.replace(/\.$/, "").toLowerCase();
  const matches = (source: string): boolean => matchesHost(hostPattern(source), named);
  return allow.some(matches) && !deny.some(matches);
}

function matchesHost({ host, isItself, isBelow }: HostPattern, named: string): boolean {
  return (isItself && named === host) || (isBelow && named.endsWith(`.${host}`));
}

function hostPattern(source: string): HostPattern {
  const text = source.toLowerCase();
  const stars = /^\*{1,2}\./.exec(text)?.[0] ?? "";
  const host = spelled(text.slice(stars.length));
  if (host === undefined) {
    throw refusal(
      `${JSON.stringify(source)} is no host; write registry.example, *.example or **.example, without a scheme or port`,
    );
  }
  return { host, isItself: stars !== "*.", isBelow: stars !== "" };
}

/** A host in the one spelling that URLs have; undefined for what is more than a host. */
function spelled(text: string): string | undefined {
  const inUrl = text.includes(":") && !text.startsWith("[") ? `[${text}]` : text;
  const url = /[\s/@#?\\*]/.test(text) ? null : URL.parse(`http://${inUrl}`);
  return url === null || url.port !== "" || url.hostname === "" ? undefined : url.hostname.replace(/\.$/, "");
}

function refusal(message: string): InvalidArgumentError {
  return new InvalidArgumentError("sandbox", `sandbox: network: ${message}`);
}

import { SandboxError } from "../sandbox-error.ts";
import { type DomainPattern, parseDomainPattern } from "./domain-pattern.ts";

/** `full`: every method and tunnels; `limited`: requests that only read, in the open, so that they can be looked at. */
export type NetworkProxyMode = "full" | "limited";

/** What a managed proxy lets through. What nothing allows is blocked. */
export interface NetworkProxyConfig {
  readonly enableSocks5: boolean;
  readonly mode: NetworkProxyMode;
  /** May commands listen on local addresses, and reach local and private ones that are allowed by name? */
  readonly allowLocalBinding: boolean;
  readonly allowed: readonly DomainPattern[];
  /** Beat `allowed`. */
  readonly denied: readonly DomainPattern[];
}

const FLAGS = [
  "enabled",
  "enableSocks5",
  "enableSocks5Udp",
  "allowUpstreamProxy",
  "dangerouslyAllowAllUnixSockets",
  "allowLocalBinding",
] as const;
const MODES: readonly string[] = ["limited", "full"] satisfies NetworkProxyMode[];
const DECISIONS: readonly string[] = ["none", "allow", "deny"];
const MAX_DOMAINS = 10_000;

/**
 * Read the proxy of a launch from parsed JSON. What this proxy does not offer (datagrams, a proxy behind it, unix sockets) is read
 * and stays closed.
 *
 * @throws SandboxError `invalid` that names the member or the rule.
 */
export function parseNetworkProxyConfig(value: unknown): NetworkProxyConfig {
  const { mode, domains, reviewDomains, transparentTcp = false, ...flags }: ProxyMembers = asObject(value, "proxy");
  for (const name of FLAGS) if (flags[name] === undefined) throw invalid(`missing field \`${name}\``);
  if (mode === undefined) throw invalid("missing field `mode`");
  for (const name of FLAGS) asFlag(flags[name], name);
  asFlag(transparentTcp, "transparentTcp");
  for (const pattern of asTexts(reviewDomains, "reviewDomains")) parseDomainPattern(pattern);
  const known = { mode: asVariant(mode, MODES), decisions: domainDecisions(domains) };
  if (flags.enabled !== true) throw unusable("executor-local network proxy launch requires an enabled proxy");
  if (transparentTcp === true) throw invalid(refusalOfTransparentTcp(flags.enableSocks5 === true));
  return {
    enableSocks5: flags.enableSocks5 === true,
    mode: known.mode === "limited" ? "limited" : "full",
    allowLocalBinding: flags.allowLocalBinding === true,
    ...patternsOf(known.decisions),
  };
}

type ProxyMembers = {
  readonly [name in (typeof FLAGS)[number] | "mode" | "domains" | "reviewDomains" | "transparentTcp"]?: unknown;
};

function refusalOfTransparentTcp(hasSocks: boolean): string {
  return hasSocks
    ? "transparent TCP is not supported: this executor does not advertise `networkProxyTransparentTcp`"
    : "invalid network proxy config: transparent_tcp requires an enabled managed SOCKS5 proxy";
}

type DomainDecisions = readonly (readonly [source: string, decision: string])[];

function domainDecisions(domains: unknown): DomainDecisions {
  if (domains === undefined || domains === null) return [];
  const decisions = Object.entries(asObject(domains, "domains"));
  if (decisions.length > MAX_DOMAINS) throw unusable(`more than ${MAX_DOMAINS} domains`);
  return decisions.map(([source, decision]) => [source, asVariant(decision, DECISIONS)]);
}

function patternsOf(decisions: DomainDecisions): Pick<NetworkProxyConfig, "allowed" | "denied"> {
  const sources = (wanted: string) => decisions.filter(([, decision]) => decision === wanted).map(([source]) => source);
  const denied = sources("deny");
  if (denied.some((source) => source.trim() === "*")) {
    const hint = "allowed exact hosts or scoped wildcards like *.example.com or **.example.com";
    throw unusable(`invalid value for network.denied_domains: * (${hint})`);
  }
  return { allowed: sources("allow").map(parseDomainPattern), denied: denied.map(parseDomainPattern) };
}

function asObject(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid(`\`${name}\` is no object`);
  return value as Readonly<Record<string, unknown>>;
}

function asFlag(value: unknown, name: string): void {
  if (typeof value !== "boolean") throw invalid(`invalid type of \`${name}\`, expected a boolean`);
}

function asTexts(value: unknown, name: string): readonly string[] {
  if (value === undefined) return [];
  const texts: readonly unknown[] | undefined = Array.isArray(value) ? value : undefined;
  if (texts === undefined) throw invalid(`invalid type of \`${name}\`, expected a sequence`);
  if (texts.length > MAX_DOMAINS) throw unusable(`more than ${MAX_DOMAINS} domains`);
  return texts.map((text) => {
    if (typeof text !== "string") throw invalid(`invalid type in \`${name}\`, expected a string`);
    return text;
  });
}

function asVariant(value: unknown, variants: readonly string[]): string {
  if (typeof value === "string" && variants.includes(value)) return value;
  const [first = "", ...others] = variants.map((variant) => `\`${variant}\``);
  const expected = others.length === 1 ? `${first} or ${others[0]}` : `one of ${[first, ...others].join(", ")}`;
  const found = typeof value === "string" ? `unknown variant \`${value}\`` : "invalid type";
  throw invalid(`${found}, expected ${expected}`);
}

function unusable(reason: string): SandboxError {
  return invalid(`invalid network proxy config: ${reason}`);
}

function invalid(message: string): SandboxError {
  return new SandboxError("invalid", message);
}

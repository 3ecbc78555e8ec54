import { matchesWildcard } from "@holdfast/permission-profile";
import { SandboxError } from "../sandbox-error.ts";
import { normalizeHost } from "./host-name.ts";

/** Which hosts a pattern names. */
export interface DomainPattern {
  /** As it was written. */
  readonly source: string;
  /** Does it name one host by its whole name? */
  readonly isExact: boolean;
  /** `host` in its normal spelling. */
  matches(host: string): boolean;
}

const MAX_PATTERN_LENGTH = 512;

/**
 * Read a pattern. `example.com` names that host; `*.example.com` everything below it, at any depth, but not itself;
 * `**.example.com` itself as well; `*` everything. A `*` elsewhere is any run of characters, a `?` one character. A port at the end
 * is dropped.
 *
 * @throws SandboxError `invalid`
 */
export function parseDomainPattern(source: string): DomainPattern {
  const text = withoutPort(source.trim().toLowerCase());
  const isBelow = text.startsWith("*.") || text.startsWith("**.");
  const rest = (isBelow ? text.slice(text.indexOf(".") + 1) : text).replace(/\.$/, "");
  if (rest === "") throw invalid("domain pattern is empty");
  if (source.length > MAX_PATTERN_LENGTH || /[\s/@#\\]/.test(rest)) {
    throw invalid(`unsupported domain pattern syntax: ${source}`);
  }
  if (rest.includes("**")) throw invalid(`unsupported repeated wildcard: ${source}`);
  if (/[*?]/.test(rest)) return wildcard(source, isBelow ? `*.${rest}` : rest);
  const host = normalizeHost(rest);
  if (host === undefined) throw invalid(`unsupported domain pattern syntax: ${source}`);
  if (!isBelow) return { source, isExact: true, matches: (candidate) => candidate === host };
  const includesItself = text.startsWith("**.");
  return {
    source,
    isExact: false,
    matches: (candidate) => candidate.endsWith(`.${host}`) || (includesItself && candidate === host),
  };
}

function wildcard(source: string, pattern: string): DomainPattern {
  return { source, isExact: false, matches: (candidate) => matchesWildcard(pattern, candidate) };
}

function withoutPort(text: string): string {
  const bracketed = /^(\[[^\]]*\])(?::\d+)?$/.exec(text);
  return bracketed?.[1] ?? text.replace(/^([^:]*):\d+$/, "$1");
}

function invalid(reason: string): SandboxError {
  return new SandboxError("invalid", `invalid network proxy config: ${reason}`);
}

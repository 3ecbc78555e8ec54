import { PathUriError } from "./path-uri-error.ts";
import { percentDecode, percentEncodeByte, percentEncodeText } from "./percent.ts";

/** The parts of a `file:` URL that a path URI may have. */
export interface FileUrlParts {
  /** Lower-case host, or empty for the local machine. */
  readonly host: string;
  /** Segments between slashes, still percent-encoded; at least one, possibly empty. */
  readonly segments: readonly string[];
}

const SPACE = 0x20;
const DOT = 0x2e;
const PERCENT = 0x25;
const REMOVED = /[\t\n\r]/g;
const SCHEME = /^([A-Za-z][A-Za-z0-9+.-]*):/;
const DRIVE = /^[A-Za-z][:|]$/;
const SINGLE_DOT = /^(?:\.|%2e)$/i;
const DOUBLE_DOT = /^(?:\.|%2e)(?:\.|%2e)$/i;
const ENDS_IN_NUMBER = /(?:^|\.)(?:\d+|0x[\da-f]*)\.?$/i;
const FORBIDDEN_IN_HOST = /[^!-\uffff]|[#%/:<>?@[\\\]^|\u007f]/;
const ENCODED_IN_PATH = /[^!#-;=?-_a-z|~]/g;

/**
 * Split the text of a `file:` URL the way the protocol's peers do. That is the WHATWG algorithm without a base,
 * except around drive letters and empty leading segments, where the `URL` of JavaScript gives other paths.
 *
 * @throws PathUriError `relative`, `scheme`, `host`, `query` or `fragment`.
 */
export function parseFileUrl(text: string): FileUrlParts {
  const trimmed = withoutEdges(text).replace(REMOVED, "");
  const scheme = SCHEME.exec(trimmed)?.[1]?.toLowerCase();
  if (scheme === undefined) throw new PathUriError("relative", "invalid URI: relative URL without a base");
  if (scheme !== "file") throw otherScheme(scheme, trimmed);
  const [, locator = "", tail = ""] = /^([^?#]*)([?#].*)?$/su.exec(trimmed.slice(scheme.length + 1)) ?? [];
  const parts = parseLocator(locator.replaceAll("\\", "/"));
  if (tail.startsWith("?")) throw new PathUriError("query", "query parameters are not allowed in path URIs");
  if (tail.startsWith("#")) throw new PathUriError("fragment", "fragments are not allowed in path URIs");
  return parts;
}

/** Without spaces and control characters at both ends. An expression for it would look at inner ones again and again. */
function withoutEdges(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && text.charCodeAt(start) <= SPACE) start += 1;
  while (end > start && text.charCodeAt(end - 1) <= SPACE) end -= 1;
  return text.slice(start, end);
}

function otherScheme(scheme: string, url: string): PathUriError {
  if (URL.canParse(url)) return new PathUriError("scheme", `unsupported path URI scheme \`${scheme}\``);
  const reason = /^[^:]*:[\\/]*(?:[?#]|$)/.test(url) ? "empty host" : "invalid international domain name";
  return new PathUriError("host", `invalid URI: ${reason}`);
}

function parseLocator(locator: string): FileUrlParts {
  if (!locator.startsWith("//")) return parsePath("", locator, { acceptsPipeDrive: true });
  const authorityEnd = indexOrLength(locator, "/", 2);
  const authority = locator.slice(2, authorityEnd);
  if (DRIVE.test(authority)) return parsePath("", locator.slice(2), { acceptsPipeDrive: true });
  const host = parseHost(authority);
  return parsePath(host, locator.slice(authorityEnd), { acceptsPipeDrive: host !== "" });
}

function parseHost(authority: string): string {
  if (authority === "") return "";
  try {
    const { hostname } = new URL(`file://${authority}/`);
    return hostname === "localhost" ? "" : hostname;
  } catch {
    throw new PathUriError("host", `invalid URI: ${hostProblem(authority)}`);
  }
}

function hostProblem(authority: string): string {
  if (authority.startsWith("[")) return "invalid IPv6 address";
  const name = percentDecode(authority);
  return ENDS_IN_NUMBER.test(name) && !FORBIDDEN_IN_HOST.test(name)
    ? "invalid IPv4 address"
    : "invalid international domain name";
}

function parsePath(host: string, path: string, options: { acceptsPipeDrive: boolean }): FileUrlParts {
  const inputs = encodedPath(path.startsWith("/") ? path.slice(1) : path).split("/");
  const segments: string[] = [];
  let acceptsPipeDrive = options.acceptsPipeDrive;
  for (const [index, input] of inputs.entries()) {
    const isLast = index === inputs.length - 1;
    const first = input.charCodeAt(0);
    const mayBeDots = first === DOT || first === PERCENT;
    if (mayBeDots && DOUBLE_DOT.test(input)) {
      acceptsPipeDrive ||= segments.length === 0;
      if (!DRIVE.test(segments.at(-1) ?? "")) segments.pop();
      if (isLast) segments.push("");
    } else if (mayBeDots && SINGLE_DOT.test(input)) {
      if (isLast) segments.push("");
    } else if (segments.length === 0 && acceptsPipeDrive && DRIVE.test(input)) {
      segments.push(`${input.charAt(0)}:`);
    } else {
      segments.push(input);
    }
  }
  const start = segments.findIndex((segment) => segment !== "");
  return start < 0 ? { host, segments: [""] } : dropHostOfDrive(host, segments.slice(start));
}

/** As a whole: it changes nothing that separates names or gives them a meaning. */
function encodedPath(path: string): string {
  return percentEncodeText(path).replace(ENCODED_IN_PATH, percentEncodeByte);
}

/**
 * A drive after a host takes the host's place: peers read `file://server/C:/x` as `C:\x`. That has to hold too where only the
 * removal of empty segments brought the drive to the front, or the canonical text would mean another path when read again.
 */
function dropHostOfDrive(host: string, segments: string[]): FileUrlParts {
  const [first = "", ...rest] = segments;
  if (host === "" || !DRIVE.test(first)) return { host, segments };
  return { host: "", segments: [`${first.charAt(0)}:`, ...rest] };
}

function indexOrLength(text: string, needle: string, from: number): number {
  const index = text.indexOf(needle, from);
  return index < 0 ? text.length : index;
}

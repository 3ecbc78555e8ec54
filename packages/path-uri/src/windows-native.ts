import { parseFileUrl } from "./file-url.ts";
import { resolveDots, resolveDotsKeepingTail } from "./normalize.ts";
import { opaquePayload, opaqueUri, textToUtf16Payload, utf16PayloadToText } from "./opaque.ts";
import { isOpaque, partsOf, uriOfParts } from "./parts.ts";
import type { PathUri } from "./path-uri.ts";
import {
  byteStringToText,
  hasLoneSurrogate,
  percentDecode,
  percentEncodeSegment,
  textToByteString,
} from "./percent.ts";

const VERBATIM = /^\\\\\?\\/;
const DEVICE = /^\\\\[.?](?:\\|$)/;
const DRIVE_ROOTED = /^([A-Za-z]:)\\(.*)$/s;
const SHARE_ROOTED = /^\\\\([^\\]+)\\([^\\]+)(?:\\(.*))?$/s;
const VERBATIM_DRIVE = /^\\\\\?\\([A-Za-z]:\\.*)$/s;
const VERBATIM_SHARE = /^\\\\\?\\UNC(\\[^\\]+\\[^\\]+(?:\\.*)?)$/is;
/** Names that mean something else, or nothing, once the verbatim prefix no longer protects them. */
const NEEDS_VERBATIM = /\/|\\\.{0,2}(?=\\)|\\\.{1,2}$/;

/** Is this a path of the device or verbatim namespace that has no plain equivalent? */
export function isWindowsDevicePath(text: string): boolean {
  return DEVICE.test(plainForm(withBackslashes(text)));
}

/**
 * Spell an absolute Windows path as a URI: `X:\…`, `X:/…`, `\\host\share…` or a device path. What no URI can say
 * faithfully takes the opaque form.
 *
 * @returns `undefined` for text that is relative, relative to a drive or rooted in the current drive.
 */
export function windowsTextToUri(text: string): PathUri | undefined {
  const given = withBackslashes(text);
  const plain = plainForm(given);
  const opaque = () => opaqueUri(textToUtf16Payload(given));
  if (DEVICE.test(plain)) return opaque();
  const isSpellable = !plain.includes("\0") && !hasLoneSurrogate(plain);
  const [, drive, driveTail = ""] = DRIVE_ROOTED.exec(plain) ?? [];
  if (drive !== undefined) {
    return isSpellable ? uriOfParts({ host: "", segments: [drive.toUpperCase(), ...encode(driveTail)] }) : opaque();
  }
  const [, host, share, shareTail] = SHARE_ROOTED.exec(plain) ?? [];
  if (host === undefined || share === undefined) return undefined;
  const uriHost = isSpellable && isSpellableShare(share) ? spellHost(host) : undefined;
  if (uriHost === undefined) return opaque();
  const tail = shareTail === undefined ? [] : encode(shareTail);
  return uriOfParts({ host: uriHost, segments: [percentEncodeSegment(textToByteString(share)), ...tail] });
}

/**
 * The Windows path behind a URI of the Windows convention.
 *
 * @returns `undefined` when it names none: no share, a name that is not UTF-8, or an opaque payload with an ordinary spelling.
 */
export function uriToWindowsText(uri: PathUri): string | undefined {
  if (isOpaque(uri)) {
    const payload = utf16PayloadToText(opaquePayload(uri) ?? "");
    return payload !== undefined && windowsTextToUri(payload) === uri ? payload : undefined;
  }
  const { host, segments } = partsOf(uri);
  const decoded: string[] = [];
  for (const segment of segments) {
    if (segment === "") continue;
    const name = byteStringToText(percentDecode(segment));
    if (name === undefined) return undefined;
    decoded.push(name);
  }
  const [anchor, ...names] = decoded;
  if (anchor === undefined || !isSpellableName(anchor)) return undefined;
  const tail = resolveDots(names.join("\\").split(/[\\/]/));
  if (host === "") return `${anchor}\\${tail.join("\\")}`;
  return [`\\\\${host}`, anchor, ...tail].join("\\");
}

/** Win32 takes `/` for `\` everywhere but after the verbatim prefix. */
function withBackslashes(text: string): string {
  return VERBATIM.test(text) ? text : text.replaceAll("/", "\\");
}

function plainForm(text: string): string {
  const drivePath = VERBATIM_DRIVE.exec(text)?.[1];
  const sharePath = VERBATIM_SHARE.exec(text)?.[1];
  const plain = drivePath ?? (sharePath === undefined ? undefined : `\\${sharePath}`);
  return plain === undefined || NEEDS_VERBATIM.test(plain.slice(1)) ? text : plain;
}

function encode(tail: string): string[] {
  return resolveDotsKeepingTail(tail.split("\\")).map((name) => percentEncodeSegment(textToByteString(name)));
}

/** A share like `C:` would push the host out of the URI, and dots would be resolved away. */
function isSpellableShare(share: string): boolean {
  return share !== "." && share !== ".." && !/^[A-Za-z][:|]$/.test(share);
}

function isSpellableName(name: string): boolean {
  return !/[\\/]/.test(name);
}

/** The host as URLs write it, unless writing it so would name another one. */
function spellHost(host: string): string | undefined {
  if (host === "." || host === ".." || /[%\s]/.test(host)) return undefined;
  try {
    const spelled = parseFileUrl(`file://${host}/x`).host;
    return spelled === host.toLowerCase() || spelled.includes("xn--") ? spelled : undefined;
  } catch {
    return undefined;
  }
}

import { isIP } from "node:net";

const MAX_HOST_LENGTH = 253;

/**
 * The one spelling of a host that decisions are made about: lower case, without a dot at the end, international names in ASCII,
 * addresses in their usual form (`2130706433` is `127.0.0.1`), no brackets. `undefined` for what is no host.
 */
export function normalizeHost(text: string): string | undefined {
  const bare = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  const written = isIP(bare) === 6 ? `[${bare}]` : bare;
  if (written === "" || /[\s/?#@\\%]|:(?!.*\])/.test(written) || !URL.canParse(`http://${written}/`)) return undefined;
  const host = new URL(`http://${written}/`).hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
  return host === "" || host.length > MAX_HOST_LENGTH || host.startsWith(".") ? undefined : host;
}

/** A host and a port, as `host:port` or `[address]:port`. `undefined` for anything else. */
export function parseAuthority(text: string): { host: string; port: number } | undefined {
  const [, name = "", digits = ""] = /^(\[[^[\]]*\]|[^:[\]]+):(\d{1,5})$/.exec(text) ?? [];
  const host = normalizeHost(name);
  const port = Number(digits);
  return host === undefined || port < 1 || port > 65_535 ? undefined : { host, port };
}

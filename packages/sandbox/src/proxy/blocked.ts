/** Why the proxy does not let something through. */
export type BlockReason = "denied" | "not_allowed" | "not_allowed_local" | "method_not_allowed" | "tunnel_not_allowed";

/** A requested destination. */
export interface Destination {
  readonly protocol: "http" | "https_connect" | "socks5_tcp";
  /** In its normal spelling. */
  readonly host: string;
  readonly port: number;
}

interface BlockText {
  /** Machine-readable, as a header. */
  readonly header: string;
  readonly source: "baseline_policy" | "mode_guard";
  readonly message: string;
}

const TEXTS: Readonly<Record<BlockReason, BlockText>> = {
  denied: {
    header: "blocked-by-denylist",
    source: "baseline_policy",
    message: "Domain denied by the sandbox policy.",
  },
  not_allowed: { header: "blocked-by-allowlist", source: "baseline_policy", message: "Domain not in allowlist." },
  not_allowed_local: {
    header: "blocked-by-allowlist",
    source: "baseline_policy",
    message: "Sandbox policy blocks local/private network addresses.",
  },
  method_not_allowed: {
    header: "blocked-by-method-policy",
    source: "mode_guard",
    message: "Method not allowed in limited mode.",
  },
  tunnel_not_allowed: {
    header: "blocked-by-mitm-required",
    source: "mode_guard",
    message: "MITM required for limited HTTPS.",
  },
};

/** A refusal, ready to be sent. */
export interface BlockedResponse {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The refusal of a plain request: JSON. */
export function blockedRequest(reason: BlockReason, { protocol, host, port }: Destination): BlockedResponse {
  const { header, source, message } = TEXTS[reason];
  const body = JSON.stringify({ status: "blocked", host, reason, decision: "deny", source, protocol, port, message });
  return { headers: { "content-type": "application/json", "x-proxy-error": header }, body };
}

/** The refusal of a tunnel: a line of text. */
export function blockedTunnel(reason: BlockReason): BlockedResponse {
  const { header, message } = TEXTS[reason];
  return { headers: { "content-type": "text/plain", "x-proxy-error": header }, body: message };
}

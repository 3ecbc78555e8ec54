import type { JsonObject } from "./json.ts";

/** The executor asks the client about a connection that a process wants to make. Since 0.150. */
export interface NetworkPolicyRequestParams {
  /** At most 256 bytes. */
  processId: string;
  request: NetworkAccessRequest;
}

export interface NetworkAccessRequest {
  protocol: NetworkProtocol;
  /** At most 253 bytes. */
  host: string;
  /** @format uint16 */
  port: number;
}

/** How the process reaches the proxy. */
export type NetworkProtocol = "http" | "https_connect" | "socks5_tcp" | "socks5_udp";

export interface NetworkPolicyRequestResult {
  decision: NetworkPolicyDecision;
}

export interface NetworkPolicyDecision {
  type: NetworkPolicyDecisionType;
  /** At most 1,024 bytes. */
  reason?: string | null;
}

/** `ask`: not decided yet, which counts as a refusal for now. */
export type NetworkPolicyDecisionType = "allow" | "deny" | "ask";

/** What was decided about a connection, for the record. Its members are those of the executor's release. Since 0.150. */
export type NetworkPolicyDecisionNotice = JsonObject;

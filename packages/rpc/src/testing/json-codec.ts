import type { EnvelopeCodec, Inbound, RpcId, WireFault } from "@holdfast/protocol-kit";
import { dataOf } from "./data-of.ts";

interface Envelope {
  readonly id?: RpcId;
  readonly method?: string;
  readonly params?: unknown;
  readonly trace?: unknown;
  readonly result?: unknown;
  readonly error?: WireFault;
}

const decoder = new TextDecoder("utf-8", { fatal: true });

function classify(envelope: Envelope): Inbound {
  const { id, method, params, trace } = envelope;
  if (typeof method === "string") {
    return id === undefined ? { kind: "notice", method, params, trace } : { kind: "call", id, method, params, trace };
  }
  if (id !== undefined && envelope.error !== undefined) return { kind: "failure", id, fault: envelope.error };
  if (id !== undefined && "result" in envelope) return { kind: "result", id, result: envelope.result };
  return { kind: "malformed", reason: "neither a call, a notice nor an answer" };
}

/** A small JSON-RPC-like envelope for tests. Malformed frames are answered with a failure of id -1 and code -32600. */
export const jsonCodec: EnvelopeCodec = {
  decode(frame) {
    try {
      const text = dataOf(frame);
      const value: unknown = JSON.parse(typeof text === "string" ? text : decoder.decode(text));
      if (typeof value !== "object" || value === null) return { kind: "malformed", reason: "not an object" };
      return classify(value as Envelope);
    } catch (error) {
      return { kind: "malformed", reason: error instanceof Error ? error.message : "unreadable" };
    }
  },
  encodeCall: (call) => JSON.stringify(call),
  encodeNotice: (notice) => JSON.stringify(notice),
  encodeResult: (id, result) => JSON.stringify({ id, result: result ?? null }),
  encodeFailure: (id, error) => JSON.stringify({ id, error }),
  encodeMalformed: (reason, origin) =>
    JSON.stringify({ id: -1, error: { code: -32600, message: `malformed ${origin.transport} message: ${reason}` } }),
};

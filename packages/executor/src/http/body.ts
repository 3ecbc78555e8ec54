import type { Readable } from "node:stream";
import { HTTP_BODY_DELTA_MAX_BYTES } from "@holdfast/exec-server-protocol";
import { HttpFault, reasonOf } from "./http-fault.ts";

/** The bytes of a body, in pieces that fit into one notice. */
export async function* pieces(body: Readable): AsyncGenerator<Buffer, void, void> {
  for await (const chunk of body as AsyncIterable<Buffer>) {
    for (let start = 0; start < chunk.length; start += HTTP_BODY_DELTA_MAX_BYTES) {
      yield chunk.subarray(start, start + HTTP_BODY_DELTA_MAX_BYTES);
    }
  }
}

/**
 * Read a body to its end.
 *
 * @throws HttpFault it broke off, or is larger than `maxBytes`.
 */
export async function readWhole(body: Readable, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      chunks.push(chunk);
    }
  } catch (thrown) {
    if (thrown instanceof HttpFault) throw thrown;
    throw new HttpFault("failed", `failed to read http/request response body: ${bodyProblem(thrown)}`, {
      cause: thrown,
    });
  }
  return Buffer.concat(chunks, bytes);
}

/** Why a body ended early, for the peer. */
export function bodyProblem(thrown: unknown): string {
  return `error decoding response body: ${reasonOf(thrown)}`;
}

function tooLarge(maxBytes: number): HttpFault {
  return new HttpFault(
    "failed",
    `failed to read http/request response body: it exceeds ${maxBytes} bytes, the most for one answer; set streamResponse`,
  );
}

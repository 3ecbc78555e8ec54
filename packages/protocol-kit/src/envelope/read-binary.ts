import { Base64Bytes } from "../base64/base64-bytes.ts";
import type { Inbound } from "../codec.ts";
import { isObject } from "../is-object.ts";
import { BYTES, LENGTH_BYTES } from "./binary-layout.ts";
import { Malformed } from "./malformed.ts";

/** A binary message in its two halves. */
export interface BinaryHalves {
  /** UTF-8. */
  readonly json: Buffer;
  /** All that comes behind it, in the memory of the message. */
  readonly bytes: Buffer;
  /** The memory of the message is not shared, and most of it are the bytes: who keeps them keeps little else. */
  readonly isAlone: boolean;
}

/** @throws Malformed for a message that is shorter than it says. */
export function halvesOf(message: Buffer): BinaryHalves {
  if (message.length < LENGTH_BYTES) throw new Malformed(`a binary message of ${message.length} bytes has no length`);
  const jsonBytes = message.readUInt32BE(0);
  const left = message.length - LENGTH_BYTES;
  if (jsonBytes > left) {
    throw new Malformed(`the JSON of a binary message has ${jsonBytes} bytes, and only ${left} came`);
  }
  const end = LENGTH_BYTES + jsonBytes;
  const bytes = message.subarray(end);
  const isAlone = message.byteLength === message.buffer.byteLength && bytes.length >= message.length / 2;
  return { json: message.subarray(LENGTH_BYTES, end), bytes, isAlone };
}

/**
 * Put the bytes of a binary message where its envelope says. Memory that the message has for itself is not copied.
 *
 * @param named - Member `bytes` of the envelope.
 * @param takes - Whether the message may have that member.
 * @throws Malformed when the bytes belong to nothing.
 */
export function putBehind(
  message: Inbound,
  named: unknown,
  { bytes, isAlone }: BinaryHalves,
  takes: (message: Inbound, member: string) => boolean,
): void {
  if (named === undefined) {
    if (bytes.length === 0) return;
    throw new Malformed(`\`${BYTES}\` does not say what the ${bytes.length} bytes behind the JSON are`);
  }
  if (typeof named !== "string") throw new Malformed(`\`${BYTES}\` is no name of a member`);
  const owner = "params" in message ? message.params : "result" in message ? message.result : undefined;
  if (!isObject(owner) || !takes(message, named)) {
    throw new Malformed(`\`${BYTES}\` names a member that has no bytes in this message`);
  }
  if (Object.hasOwn(owner, named)) throw new Malformed(`\`${named}\` is in the JSON and behind it`);
  owner[named] = new Base64Bytes(isAlone ? bytes : copyOf(bytes));
}

function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}

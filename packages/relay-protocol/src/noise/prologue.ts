const CONTEXT = "codex-exec-server-relay-noise/v1";
const LENGTH_BYTES = 8;

/** What a handshake is bound to: a recording of it is of no use in another place. */
export interface HandshakePlace {
  readonly environmentId: string;
  readonly registrationId: string;
  readonly streamId: string;
}

/** The texts byte for byte, each behind its length. */
export function prologueOf({ environmentId, registrationId, streamId }: HandshakePlace): Uint8Array {
  const parts = [CONTEXT, environmentId, registrationId, streamId].flatMap((text) => {
    const bytes = Buffer.from(text, "utf8");
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeUInt32BE(bytes.length, LENGTH_BYTES - 4);
    return [length, bytes];
  });
  return Buffer.concat(parts);
}

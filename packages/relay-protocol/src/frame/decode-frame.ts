import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { BodyReader, bodyKind, expectWire, stringOf, uint32Of } from "./body-reader.ts";
import { FRAME, FRAME_VERSION } from "./fields.ts";
import type { RelayFrame, RelayFrameBody } from "./frame.ts";
import { RelayFrameError } from "./frame-error.ts";
import { checkBody, checkStreamId } from "./frame-rules.ts";

/**
 * @param bytes - One message of a websocket. A payload shares their memory.
 * @throws RelayFrameError they are no frame, in the words of the peers.
 */
export function decodeFrame(bytes: Uint8Array): RelayFrame {
  const { version, streamId, body: reader, traceparent, tracestate } = fieldsOf(bytes);
  if (version !== FRAME_VERSION) throw new RelayFrameError(`unsupported relay message frame version ${version}`);
  checkStreamId(streamId);
  if (reader === undefined) throw new RelayFrameError("relay message frame is missing body");
  const body = reader.body();
  checkBody(body);
  return { streamId, body, traceparent, tracestate };
}

/**
 * What a relay routes by. It refuses what the ends refuse, so that none of it goes on.
 *
 * @throws RelayFrameError as {@link decodeFrame} does.
 */
export function peekStreamId(bytes: Uint8Array): { streamId: string; kind: RelayFrameBody["kind"] } {
  const { streamId, body } = decodeFrame(bytes);
  return { streamId, kind: body.kind };
}

interface Fields {
  version: number;
  streamId: string;
  body: BodyReader | undefined;
  traceparent: string | undefined;
  tracestate: string | undefined;
}

function fieldsOf(bytes: Uint8Array): Fields {
  try {
    const reader = new BinaryReader(bytes);
    const fields: Fields = { version: 0, streamId: "", body: undefined, traceparent: undefined, tracestate: undefined };
    while (reader.pos < reader.len) readField(reader, fields);
    return fields;
  } catch (error) {
    throw new RelayFrameError("failed to decode relay message frame", { cause: error });
  }
}

/** Releases to come may add members: those are skipped. */
function readField(reader: BinaryReader, fields: Fields): void {
  const [field, wire] = reader.tag();
  const kind = bodyKind(field);
  if (kind !== undefined) {
    expectWire(wire, WireType.LengthDelimited);
    if (fields.body?.kind !== kind) fields.body = new BodyReader(kind);
    fields.body.read(reader);
  } else if (field === FRAME.version) fields.version = uint32Of(wire, reader);
  else if (field === FRAME.streamId) fields.streamId = stringOf(wire, reader);
  else if (field === FRAME.ack || field === FRAME.ackBits) uint32Of(wire, reader);
  else if (field === FRAME.traceparent) fields.traceparent = stringOf(wire, reader);
  else if (field === FRAME.tracestate) fields.tracestate = stringOf(wire, reader);
  else reader.skip(wire, field);
}

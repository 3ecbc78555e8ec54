import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { BODY, DATA, FRAME, FRAME_VERSION, HANDSHAKE, HEARTBEAT, RESET, RESUME } from "./fields.ts";
import type { RelayFrame, RelayFrameBody } from "./frame.ts";
import { checkBody, checkStreamId } from "./frame-rules.ts";

/** What a data frame says beside its record. */
export interface DataFrameHead {
  readonly streamId: string;
  readonly sequence: number;
  readonly traceparent?: string | undefined;
  readonly tracestate?: string | undefined;
}

/** A data frame that lacks its record: there is room for it from `at` on. */
export interface OpenDataFrame {
  readonly target: Uint8Array<ArrayBuffer>;
  readonly at: number;
}

const { Varint, LengthDelimited } = WireType;

/** @throws RelayFrameError every peer would refuse it. */
export function encodeFrame({ streamId, body, traceparent, tracestate }: RelayFrame): Uint8Array<ArrayBuffer> {
  checkBody(body);
  if (body.kind === "data") {
    const { sequence, payload } = body;
    const { target, at } = openDataFrame({ streamId, sequence, traceparent, tracestate }, payload.length);
    target.set(payload, at);
    return target;
  }
  const writer = startFrame(streamId);
  writer.tag(BODY[body.kind], LengthDelimited).fork();
  writeBody(writer, body);
  writeTrace(writer.join(), traceparent, tracestate);
  return writer.finish();
}

/**
 * All of a data frame around the record, so that this can be sealed to where it goes out from.
 *
 * @param bytes - Of the record.
 * @throws RelayFrameError the stream has no name.
 */
export function openDataFrame(frame: DataFrameHead, bytes: number): OpenDataFrame {
  const { streamId, sequence, traceparent, tracestate } = frame;
  const data = new BinaryWriter();
  if (sequence !== 0) data.tag(DATA.sequence, Varint).uint32(sequence);
  const dataHead = data
    .tag(DATA.segmentCount, Varint)
    .uint32(1)
    .tag(DATA.payload, LengthDelimited)
    .uint32(bytes)
    .finish();
  const head = startFrame(streamId)
    .tag(BODY.data, LengthDelimited)
    .uint32(dataHead.length + bytes)
    .raw(dataHead)
    .finish();
  const tail = writeTrace(new BinaryWriter(), traceparent, tracestate).finish();
  const target = memoryFor(head.length + bytes + tail.length);
  target.set(head);
  target.set(tail, head.length + bytes);
  return { target, at: head.length };
}

function startFrame(streamId: string): BinaryWriter {
  checkStreamId(streamId);
  const writer = new BinaryWriter().tag(FRAME.version, Varint).uint32(FRAME_VERSION);
  return writer.tag(FRAME.streamId, LengthDelimited).string(streamId);
}

function writeBody(writer: BinaryWriter, body: Exclude<RelayFrameBody, { readonly kind: "data" }>): void {
  switch (body.kind) {
    case "handshake":
      writer.tag(HANDSHAKE.payload, LengthDelimited).bytes(body.payload);
      break;
    case "resume":
      if (body.nextSequence !== 0) writer.tag(RESUME.nextSequence, Varint).uint32(body.nextSequence);
      break;
    case "reset":
      writer.tag(RESET.reason, LengthDelimited).string(body.reason);
      break;
    case "heartbeat":
      if (body.hold !== undefined) writer.tag(HEARTBEAT.hold, Varint).bool(body.hold);
      break;
    case "ack":
  }
}

function writeTrace(
  writer: BinaryWriter,
  traceparent: string | undefined,
  tracestate: string | undefined,
): BinaryWriter {
  if (traceparent !== undefined) writer.tag(FRAME.traceparent, LengthDelimited).string(traceparent);
  if (tracestate !== undefined) writer.tag(FRAME.tracestate, LengthDelimited).string(tracestate);
  return writer;
}

/** Not cleared, and short ones out of one piece, where that can be had: all of it will be written. */
function memoryFor(bytes: number): Uint8Array<ArrayBuffer> {
  return typeof Buffer === "undefined" ? new Uint8Array(bytes) : Buffer.allocUnsafe(bytes);
}

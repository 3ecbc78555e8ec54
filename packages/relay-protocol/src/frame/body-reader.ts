import { type BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { BODY, DATA, HANDSHAKE, HEARTBEAT, RESET, RESUME } from "./fields.ts";
import type { RelayFrameBody } from "./frame.ts";
import { missingFields } from "./frame-rules.ts";

/** The kind of body that a field of a frame is. */
export function bodyKind(field: number): RelayFrameBody["kind"] | undefined {
  return KIND_BY_FIELD.get(field);
}

const KIND_BY_FIELD: ReadonlyMap<number, RelayFrameBody["kind"]> = new Map(
  Object.entries(BODY).map(([kind, field]) => [field, kind as RelayFrameBody["kind"]]),
);

const NO_PAYLOAD = new Uint8Array(0);

/** A body as it comes: what is said twice holds as it was said last, as in every reader of this format. */
export class BodyReader {
  readonly kind: RelayFrameBody["kind"];
  #number = 0;
  #segmentIndex = 0;
  #segmentCount = 0;
  #payload: Uint8Array = NO_PAYLOAD;
  #reason = "";
  #hold: boolean | undefined;

  constructor(kind: RelayFrameBody["kind"]) {
    this.kind = kind;
  }

  /**
   * @param reader - At the length of the body.
   * @throws Error the bytes are no such body.
   */
  read(reader: BinaryReader): void {
    const bytes = reader.uint32();
    const end = reader.pos + bytes;
    if (end > reader.len) throw new RangeError("premature EOF");
    while (reader.pos < end) {
      const [field, wire] = reader.tag();
      if (!this.#readField(field, wire, reader)) reader.skip(wire, field);
    }
    if (reader.pos !== end) throw new RangeError("a field is longer than its message");
  }

  /** @returns false for a member that nobody here knows. */
  #readField(field: number, wire: WireType, reader: BinaryReader): boolean {
    switch (this.kind) {
      case "data":
        if (field === DATA.payload) this.#payload = bytesOf(wire, reader);
        else if (field === DATA.sequence) this.#number = uint32Of(wire, reader);
        else if (field === DATA.segmentIndex) this.#segmentIndex = uint32Of(wire, reader);
        else if (field === DATA.segmentCount) this.#segmentCount = uint32Of(wire, reader);
        else return false;
        return true;
      case "handshake":
        if (field !== HANDSHAKE.payload) return false;
        this.#payload = bytesOf(wire, reader);
        return true;
      case "resume":
        if (field !== RESUME.nextSequence) return false;
        this.#number = uint32Of(wire, reader);
        return true;
      case "reset":
        if (field !== RESET.reason) return false;
        this.#reason = stringOf(wire, reader);
        return true;
      case "heartbeat":
        if (field !== HEARTBEAT.hold) return false;
        expectWire(wire, WireType.Varint);
        this.#hold = reader.bool();
        return true;
      case "ack":
        return false;
    }
  }

  /** @throws RelayFrameError it is more than one segment. */
  body(): RelayFrameBody {
    switch (this.kind) {
      case "data":
        if (this.#segmentIndex !== 0 || this.#segmentCount !== 1) throw missingFields("data");
        return { kind: "data", sequence: this.#number, payload: this.#payload };
      case "handshake":
        return { kind: "handshake", payload: this.#payload };
      case "resume":
        return { kind: "resume", nextSequence: this.#number };
      case "reset":
        return { kind: "reset", reason: this.#reason };
      case "heartbeat":
        return { kind: "heartbeat", hold: this.#hold };
      case "ack":
        return { kind: "ack" };
    }
  }
}

export function uint32Of(wire: WireType, reader: BinaryReader): number {
  expectWire(wire, WireType.Varint);
  return reader.uint32();
}

/** @throws TypeError it is no UTF-8. */
export function stringOf(wire: WireType, reader: BinaryReader): string {
  expectWire(wire, WireType.LengthDelimited);
  return reader.string(true);
}

function bytesOf(wire: WireType, reader: BinaryReader): Uint8Array {
  expectWire(wire, WireType.LengthDelimited);
  return reader.bytes();
}

export function expectWire(wire: WireType, expected: WireType): void {
  if (wire !== expected) throw new TypeError(`wire type ${wire}, not ${expected}`);
}

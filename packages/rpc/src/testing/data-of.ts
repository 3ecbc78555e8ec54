import { BinaryFrame, type InboundFrame } from "@holdfast/protocol-kit";

/** What a frame holds, in one piece: a text as text where it came as one. */
export function dataOf(frame: InboundFrame): string | Uint8Array {
  return frame instanceof BinaryFrame ? frame.whole() : frame;
}

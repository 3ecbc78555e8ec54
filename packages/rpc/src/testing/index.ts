export { dataOf } from "./data-of.ts";
export { framePortContract } from "./frame-port-contract.ts";
export { jsonCodec } from "./json-codec.ts";
export type { PortPair, PortPairFactory, PortPairOptions, TransportTraits } from "./port-pair.ts";
export { RecordingReceiver } from "./recording-receiver.ts";
export { type FrameDirection, wireTap } from "./wire-tap.ts";

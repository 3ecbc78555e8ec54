export {
  BinaryFrame,
  type CallOptions,
  type EnvelopeCodec,
  type FrameOrigin,
  type Inbound,
  type LinkV1,
  type RpcId,
  type WireFault,
} from "@holdfast/protocol-kit";
export type { ClientCertificate } from "./client-certificate.ts";
export { type Clock, systemClock, type Timer } from "./clock.ts";
export { DrainWatch } from "./drain-watch.ts";
export {
  abortedBy,
  type Delivery,
  describeAbort,
  isLinkError,
  isRemoteError,
  isRpcFault,
  isTimeoutReason,
  LinkError,
  type LinkErrorCode,
  RemoteError,
  RpcFault,
} from "./errors.ts";
export { Fifo } from "./fifo.ts";
export type { FramePort, FrameReceiver, InboundFrame, OutboundFrame, PortClose } from "./frame-port.ts";
export { Gate } from "./gate.ts";
export { Heartbeat, type HeartbeatOptions, type HeartbeatTarget } from "./heartbeat.ts";
export { Holds } from "./holds.ts";
export { Inbox } from "./inbox.ts";
export { joinPorts, type Parting } from "./join-ports.ts";
export { DEFAULT_PEER_LIMITS } from "./limits.ts";
export { isLoopbackHost } from "./loopback-host.ts";
export { createPeer } from "./peer.ts";
export type { InboundCall, InboundServer, Peer, PeerLimits, PeerOptions, PeerState } from "./peer-types.ts";
export { shownText, shownUrl } from "./shown-url.ts";
export { type ReceivedNotice, Subscriptions } from "./subscriptions.ts";
export type { WaterMarks } from "./water-marks.ts";

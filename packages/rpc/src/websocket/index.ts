export type { ClientCertificate } from "../client-certificate.ts";
export {
  checkSocketFolder,
  checkSocketPath,
  isSocketUrl,
  ownSocketAt,
  socketPathOf,
  socketUrl,
} from "../unix-socket/socket-path.ts";
export { credentialRefusal, offeredToken, tokenCheck, tokenDigestCheck } from "./access-token.ts";
export type { Authorization, Authorize, Principal } from "./authorization.ts";
export { connectWebSocket } from "./connect.ts";
export type { ConnectWebSocketOptions } from "./connect-options.ts";
export {
  type ConnectionEnd,
  type ConnectionEnds,
  type InboundConnection,
  isLoopbackAddress,
  type SocketConnection,
} from "./connection-ends.ts";
export { HandshakeRefused } from "./handshake-refused.ts";
export type { HttpAnswer, Routes } from "./http-answer.ts";
export type { InboundRequest } from "./inbound-request.ts";
export { WEBSOCKET_LIMITS } from "./limits.ts";
export { listenWebSocket } from "./listen.ts";
export type { ListenWebSocketOptions, WebSocketListener } from "./listen-options.ts";
export { checkOrigin } from "./origin.ts";
export type { TlsServerOptions } from "./tls-options.ts";
export { checkTls } from "./tls-server.ts";

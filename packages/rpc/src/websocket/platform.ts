/*
 * The entry for browsers: connections alone, by the `WebSocket` that is there.
 */
export type { ClientCertificate } from "../client-certificate.ts";
export type { ConnectWebSocketOptions } from "./connect-options.ts";
export { HandshakeRefused } from "./handshake-refused.ts";
export { WEBSOCKET_LIMITS } from "./limits.ts";
export { connectPlatformWebSocket as connectWebSocket } from "./platform-connect.ts";

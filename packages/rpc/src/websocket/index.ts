export type { Authorization, Authorize, Principal } from "./authorization.ts";
export { type ConnectWebSocketOptions, connectWebSocket } from "./connect.ts";
export { type ConnectionEnd, type ConnectionEnds, isLoopbackAddress } from "./connection-ends.ts";
export { HandshakeRefused } from "./handshake-refused.ts";
export type { HttpAnswer, Routes } from "./http-answer.ts";
export { WEBSOCKET_LIMITS } from "./limits.ts";
export { type ListenWebSocketOptions, listenWebSocket, type WebSocketListener } from "./listen.ts";

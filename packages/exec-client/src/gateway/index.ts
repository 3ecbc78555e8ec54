export { dialTarget } from "./dial-target.ts";
export { createGateway, type Gateway, type GatewayOptions } from "./gateway.ts";
export { openReadyLine, type ReadyLine, type ReadyLineOptions } from "./ready-line.ts";

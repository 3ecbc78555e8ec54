export { HttpClient } from "./http-client.ts";
export { HttpFault } from "./http-fault.ts";
export { type BodyLine, HttpRequests } from "./http-requests.ts";
export { holdUndici } from "./undici-module.ts";

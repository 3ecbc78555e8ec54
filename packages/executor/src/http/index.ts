export { HttpClient } from "./http-client.ts";
export { HttpFault, systemErrorOf } from "./http-fault.ts";
export { type BodySink, HttpRequests } from "./http-requests.ts";
export { holdUndici } from "./undici-module.ts";

export type { Admission, AdmissionOptions, AdmissionVerdict, SocketConnection } from "./admission.ts";
export { Door } from "./door.ts";
export type { ConnectionEnds } from "./far-socket.ts";

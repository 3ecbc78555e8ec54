export type { Admission, AdmissionOptions, AdmissionVerdict } from "./admission.ts";
export { Door } from "./door.ts";
export type { ConnectionEnds } from "./far-socket.ts";

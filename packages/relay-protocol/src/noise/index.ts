export type { Channel, RecordOpener, RecordSealer } from "./channel.ts";
export { generateIdentity, type Identity } from "./identity.ts";
export { Initiator, type InitiatorOptions } from "./initiator.ts";
export { NoiseError } from "./noise-error.ts";
export { type HandshakePlace, prologueOf } from "./prologue.ts";
export { Responder, type ResponderOptions } from "./responder.ts";

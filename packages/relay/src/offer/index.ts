export { OFFER_LIMITS } from "./limits.ts";
export { type Offer, type OfferOptions, offer } from "./offer.ts";
export { OfferError } from "./offer-error.ts";
export type { OfferLog, OfferLogFields } from "./offer-log.ts";
export { type RegistryAddress, registryAddress, relayUrl } from "./registry-address.ts";

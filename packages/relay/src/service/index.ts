export { openEmbeddedStores } from "./embedded/embedded-stores.ts";
export { SERVICE_LIMITS } from "./limits.ts";
export type {
  Authorization,
  Authorizations,
  ExecutorEnd,
  ExecutorRoute,
  HarnessEnd,
  HarnessRoute,
  Registration,
  Registrations,
  RelayStores,
  Routes,
  StreamRefusal,
} from "./ports.ts";
export { RegistrationConflict } from "./ports.ts";
export { type PublicUrl, readPublicUrl } from "./public-url.ts";
export { type RelayService, type RelayServiceOptions, startRelayService } from "./relay-service.ts";
export { type ServiceClock, systemServiceClock } from "./service-clock.ts";
export type { ServiceLog, ServiceLogFields } from "./service-log.ts";

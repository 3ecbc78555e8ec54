export type {
  Authorization,
  Authorizations,
  ExecutorEnd,
  ExecutorRoute,
  HarnessEnd,
  HarnessRoute,
  Registration,
  Registrations,
  Routes,
  StreamRefusal,
} from "./ports.ts";

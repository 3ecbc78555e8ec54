export type { RelayFrame, RelayFrameBody } from "./frame.ts";
export { NOISE_SUITE, REGISTRY_REFUSED_PAYLOAD, RELAY_LIMITS, RESET_REASON, SECURITY_PROFILE } from "./limits.ts";
export type { PublicKey } from "./public-key.ts";
export type {
  ConnectRequest,
  ConnectResponse,
  PublicKeyJson,
  RegisterRequest,
  RegisterResponse,
  ValidateRequest,
  ValidateResponse,
} from "./registry.ts";

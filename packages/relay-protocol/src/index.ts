export { decodeFrame, peekStreamId } from "./frame/decode-frame.ts";
export { type DataFrameHead, encodeFrame, type OpenDataFrame, openDataFrame } from "./frame/encode-frame.ts";
export type { RelayFrame, RelayFrameBody } from "./frame/frame.ts";
export { RelayFrameError } from "./frame/frame-error.ts";
export {
  HOLDS_STREAMS_HEADER,
  NOISE_SUITE,
  REGISTRY_REFUSED_PAYLOAD,
  RELAY_LIMITS,
  RESET_REASON,
  SECURITY_PROFILE,
} from "./limits.ts";
export { type PublicKey, PublicKeyError, publicKeyFromJson, publicKeysEqual, publicKeyToJson } from "./public-key.ts";
export type {
  ConnectRequest,
  ConnectResponse,
  PublicKeyJson,
  RegisterRequest,
  RegisterResponse,
  ValidateRequest,
  ValidateResponse,
} from "./registry.ts";
export { type RegistryFailure, readRegistryFailure } from "./registry-failure.ts";
export {
  RegistryJsonError,
  readConnectRequest,
  readConnectResponse,
  readRegisterRequest,
  readRegisterResponse,
  readValidateRequest,
  readValidateResponse,
} from "./registry-json.ts";

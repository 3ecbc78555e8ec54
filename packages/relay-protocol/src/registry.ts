/** Public half of an identity, as the registry's JSON has it. Receivers refuse further members. */
export interface PublicKeyJson {
  /** {@link NOISE_SUITE} */
  readonly suite: string;
  /** 32 bytes in padded standard base64. */
  readonly x25519_public_key: string;
  /** 1,184 bytes in padded standard base64. */
  readonly mlkem768_public_key: string;
}

/** `POST …/cloud/environment/{id}/register` of an executor. */
export interface RegisterRequest {
  readonly security_profile: string;
  readonly executor_public_key: PublicKeyJson;
}

export interface RegisterResponse {
  readonly environment_id: string;
  /** Where its websocket goes, as it is. */
  readonly url: string;
  readonly security_profile: string;
  readonly executor_registration_id: string;
}

/** `POST …/cloud/environment/{id}/connect` of a harness. */
export interface ConnectRequest {
  readonly harness_public_key: PublicKeyJson;
}

/** What one connection needs; all of it goes together, once. */
export interface ConnectResponse {
  readonly environment_id: string;
  readonly url: string;
  readonly security_profile: string;
  readonly executor_registration_id: string;
  readonly executor_public_key: PublicKeyJson;
  readonly harness_key_authorization: string;
}

/** `POST …/cloud/environment/{id}/validate` of an executor, about a harness that knocked. */
export interface ValidateRequest {
  readonly executor_registration_id: string;
  readonly harness_public_key: PublicKeyJson;
  readonly harness_key_authorization: string;
}

export interface ValidateResponse {
  readonly valid: boolean;
}

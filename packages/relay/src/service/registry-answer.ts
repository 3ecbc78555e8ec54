import type { HttpAnswer } from "@holdfast/rpc/websocket";

const JSON_TYPE = { "Content-Type": "application/json", "Cache-Control": "no-store" };

export function jsonAnswer(value: unknown): HttpAnswer {
  return { status: 200, body: JSON.stringify(value), headers: JSON_TYPE };
}

/** Why a call is refused: as it is answered, and in one word. */
export class RegistryRefusal extends Error {
  override readonly name = "RegistryRefusal";
  readonly status: number;
  readonly code: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.#headers = headers;
  }

  answer(): HttpAnswer {
    const body = JSON.stringify({ error: { code: this.code, message: this.message } });
    return { status: this.status, body, headers: { ...JSON_TYPE, ...this.#headers } };
  }
}

/** What a caller without a usable token gets. */
export function unauthorized(code: string, message: string): RegistryRefusal {
  return new RegistryRefusal(401, code, message, { "WWW-Authenticate": "Bearer" });
}

/** What is over soon. */
export function unavailable(code: string, message: string): RegistryRefusal {
  return new RegistryRefusal(503, code, message, { "Retry-After": "1" });
}

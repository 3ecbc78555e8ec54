import { McpLoginRequiredError } from "./login-required-error.ts";
import type { ServerAuth } from "./server-auth.ts";

/** Where no logins are kept: a server that wants one can not be used. */
export class NoAuth implements ServerAuth {
  readonly #serverName: string;
  readonly #advice: string;

  constructor(serverName: string, advice: string) {
    this.#serverName = serverName;
    this.#advice = advice;
  }

  async token(): Promise<undefined> {}

  async renew(): Promise<string> {
    throw new McpLoginRequiredError(this.#serverName, this.#advice);
  }

  widen(): Promise<string> {
    return this.renew();
  }
}

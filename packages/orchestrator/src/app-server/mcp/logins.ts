import type { McpServerOauthLoginParams, McpServerOauthLoginResponse } from "@holdfast/app-server-protocol";
import type { McpLogin, McpServerConfig } from "@holdfast/mcp";
import { internalError } from "../faults.ts";
import type { HostClient } from "../host-client.ts";
import type { HostServices } from "../host-services.ts";
import { LOGINS_MAX } from "./limits.ts";
import { loginFault, loginProblem } from "./mcp-faults.ts";
import { askForAddress, isHeadless } from "./pasted-address.ts";

const MS_PER_SECOND = 1_000;

type LoginServices = Pick<HostServices, "clients" | "mcp" | "questions" | "variables">;

/** Logins whose users are in front of their browsers. They outlive the connection of who asked for them. */
export class Logins {
  readonly #services: LoginServices;
  readonly #waiting = new Set<McpLogin>();
  #isOver = false;

  constructor(services: LoginServices) {
    this.#services = services;
  }

  /** Begin one; every client is told of its end. @throws RpcFault - None can be begun. */
  async begin(
    server: McpServerConfig,
    { scopes, timeoutSecs, threadId }: McpServerOauthLoginParams,
    client: HostClient,
  ): Promise<McpServerOauthLoginResponse> {
    const { name } = server;
    if (this.#waiting.size >= LOGINS_MAX) {
      throw internalError(loginProblem(name, new Error(`${LOGINS_MAX} logins wait for their users already`)));
    }
    let login: McpLogin;
    try {
      const auth = await this.#services.mcp.auth();
      login = await auth.login(server, {
        scopes: scopes ?? undefined,
        timeoutMs: typeof timeoutSecs === "number" ? Math.max(0, timeoutSecs) * MS_PER_SECOND : undefined,
      });
    } catch (error) {
      throw loginFault(name, error);
    }
    this.#waiting.add(login);
    const over = new AbortController();
    void this.#finish(login, name, threadId ?? null).finally(() => over.abort(new Error("the login is over")));
    // Whose user will never see the address.
    if (client.gone.aborted || this.#isOver) login.cancel();
    else if (typeof threadId === "string" && isHeadless(this.#services.variables)) {
      void askForAddress(this.#services.questions, { login, serverName: name, threadId, client }, over.signal);
    }
    return { authorizationUrl: login.authorizationUrl, loginId: login.id };
  }

  /** Give all of them up. */
  end(): void {
    this.#isOver = true;
    for (const login of this.#waiting) login.cancel();
  }

  async #finish(login: McpLogin, name: string, threadId: string | null): Promise<void> {
    const { clients, mcp } = this.#services;
    const about = { name, threadId, loginId: login.id };
    try {
      await login.completed;
      // Servers that failed for want of it start anew with the next turn.
      mcp.reload();
      clients.notifyAll("mcpServer/oauthLogin/completed", { ...about, success: true, error: null });
    } catch (error) {
      const failure = { ...about, success: false, error: loginProblem(name, error) };
      clients.notifyAll("mcpServer/oauthLogin/completed", failure);
    } finally {
      this.#waiting.delete(login);
    }
  }
}

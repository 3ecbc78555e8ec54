import type { McpLogin } from "@holdfast/mcp";
import type { HostClient } from "../host-client.ts";
import type { QuestionDesk } from "../questions/question-desk.ts";

/** How often somebody may bring an address that is none of the login. */
const ATTEMPTS = 3;

/** Variables that are set where somebody sits in front of this machine. */
const DISPLAYS = ["DISPLAY", "WAYLAND_DISPLAY"];

/** Whether browsers are on other machines, as far as the variables of this one say. */
export function isHeadless(
  variables: Readonly<Record<string, string | undefined>>,
  platform = process.platform,
): boolean {
  if (variables.SSH_CONNECTION !== undefined) return true;
  return platform === "linux" && DISPLAYS.every((name) => (variables[name] ?? "") === "");
}

/** A login whose user may have to bring the answer. */
export interface PendingLogin {
  readonly login: McpLogin;
  readonly serverName: string;
  readonly threadId: string;
  /** Who has asked for it, and is asked. */
  readonly client: HostClient;
}

/**
 * Have a user whose browser can not come back here bring the address that it was sent to, by a form. Never rejects.
 *
 * @param signal - The login is over, by whatever way.
 */
export async function askForAddress(
  questions: QuestionDesk,
  { login, serverName, threadId, client }: PendingLogin,
  signal: AbortSignal,
): Promise<void> {
  const audience = { threadId, clients: () => (client.gone.aborted ? [] : [client]) };
  let message = `Sign in to ${serverName} in your browser. If it can not open the page that it is sent to in the end, paste the address of that page here.`;
  try {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const params = {
        mode: "form" as const,
        serverName,
        threadId,
        turnId: null,
        environmentId: null,
        message,
        requestedSchema: {
          type: "object" as const,
          properties: { address: { type: "string" as const, title: "Address" } },
          required: ["address"],
        },
        _meta: null,
      };
      const { action, content } = await questions.ask("mcpServer/elicitation/request", params, audience, signal);
      if (action !== "accept") return;
      if (
        await login.finish(addressIn(content)).then(
          () => true,
          () => signal.aborted,
        )
      )
        return;
      message = `That is not the address that your browser was sent to by this login to ${serverName}. Paste the whole of it.`;
    }
  } catch {
    // The login is over, or nobody can be asked: the browser may still come back.
  }
}

function addressIn(content: unknown): string {
  const { address } = (content ?? {}) as { readonly address?: unknown };
  return typeof address === "string" ? address.trim() : "";
}

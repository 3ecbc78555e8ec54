import { type NetworkProxy, type NetworkProxyConfig, SandboxError, startNetworkProxy } from "@holdfast/sandbox";
import type { ChildEvents } from "../process/index.ts";

/** Start the proxy that a command is to run beside. @throws SandboxError where none can be had. */
export async function startProxy(config: NetworkProxyConfig): Promise<NetworkProxy> {
  try {
    return await startNetworkProxy(config);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new SandboxError("unenforceable", `no network proxy could be started: ${reason}`, { cause: thrown });
  }
}

/** A command's environment, pointed at its proxy. Other proxy variables, in any case, would lead past this one. */
export function withProxyEnvironment(
  env: Readonly<Record<string, string>>,
  { environment }: NetworkProxy,
): Readonly<Record<string, string>> {
  const replaced = new Set(Object.keys(environment).map((name) => name.toUpperCase()));
  const others = Object.entries(env).filter(([name]) => !replaced.has(name.toUpperCase()));
  return { ...Object.fromEntries(others), ...environment };
}

/** What happens to a command, whose proxy goes when it has ended. */
export function closingProxy(events: ChildEvents, proxy: NetworkProxy): ChildEvents {
  const exited = (exitCode: number) => {
    void proxy.close();
    events.exited(exitCode);
  };
  return { ...events, exited };
}

import type { ProcessStartParams } from "@holdfast/exec-server-protocol";
import {
  isSandboxError,
  type ManagedNetworkAccess,
  type NetworkProxy,
  type NetworkProxyConfig,
  parseNetworkProxyConfig,
  SandboxError,
  startNetworkProxy,
} from "@holdfast/sandbox";
import type { Child, SpawnRequest } from "../process/index.ts";
import { invalidParams } from "./faults.ts";

/** The proxy that a start wants this executor to run. @throws RpcFault −32602 that names the member or the rule. */
export function networkProxyOf({ networkProxy }: ProcessStartParams): NetworkProxyConfig | undefined {
  if (networkProxy === undefined || networkProxy === null) return undefined;
  if (networkProxy.policyDecisionTimeoutMs === 0) {
    throw invalidParams("network policy decision callback timeout must be nonzero");
  }
  try {
    return parseNetworkProxyConfig(networkProxy.proxy);
  } catch (thrown) {
    if (isSandboxError(thrown)) throw invalidParams(thrown.message);
    throw thrown;
  }
}

/** How a command is started next to a proxy of its own. */
export interface Proxied {
  readonly request: SpawnRequest;
  readonly access: ManagedNetworkAccess;
  /** To be called when the command has ended; more than once does no harm. */
  readonly ended: () => void;
}

/**
 * Start a command next to a proxy that lives as long as it does. Environment and ports are of one snapshot.
 *
 * @throws SandboxError where no proxy can be had, or whatever `start` throws; no proxy is left then.
 */
export async function startBesideProxy(
  config: NetworkProxyConfig,
  request: SpawnRequest,
  start: (proxied: Proxied) => Child | Promise<Child>,
): Promise<Child> {
  const proxy = await started(config);
  const ended = () => void proxy.close();
  try {
    return await start({ request: led(request, proxy), access: proxy.access, ended });
  } catch (thrown) {
    await proxy.close();
    throw thrown;
  }
}

async function started(config: NetworkProxyConfig): Promise<NetworkProxy> {
  try {
    return await startNetworkProxy(config);
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    throw new SandboxError("unenforceable", `no network proxy could be started: ${reason}`, { cause: thrown });
  }
}

/** Whatever else the environment says of a proxy, in whatever case, would lead past this one. */
function led(request: SpawnRequest, { environment }: NetworkProxy): SpawnRequest {
  const replaced = new Set(Object.keys(environment).map((name) => name.toUpperCase()));
  const others = Object.entries(request.env).filter(([name]) => !replaced.has(name.toUpperCase()));
  return { ...request, env: { ...Object.fromEntries(others), ...environment } };
}

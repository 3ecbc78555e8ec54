import { isIP } from "node:net";
import type { BlockReason, Destination } from "./blocked.ts";
import { localAddresses } from "./local-address.ts";
import type { NetworkProxyConfig } from "./proxy-config.ts";

/** The addresses of a name. May throw or give none for a name that does not exist. */
export type Resolve = (host: string) => Promise<readonly string[]>;

/** Whether a destination is allowed. If so, only at these addresses: a second lookup of the name may give others. */
export type Passage =
  | { readonly kind: "open"; readonly addresses: readonly string[] }
  | { readonly kind: "blocked"; readonly reason: BlockReason };

/** Decides about destinations. */
export interface Gate {
  /** Never throws; a name that can not be resolved is blocked, because it could be anything. */
  decide(destination: Destination): Promise<Passage>;
}

/**
 * A gate by a configuration: what is denied first, then what is local, then what is allowed, then where the name leads.
 *
 * @param local - Decides which addresses are local at the moment of the call. Default: by the interfaces of this machine.
 */
export function createGate(
  config: NetworkProxyConfig,
  resolve: Resolve,
  local: typeof localAddresses = localAddresses,
): Gate {
  return {
    async decide({ host }) {
      if (config.denied.some((pattern) => pattern.matches(host))) return blocked("denied");
      const isLocal = isLocalHost(host, local);
      const isNamed = config.allowed.some((pattern) => pattern.isExact && pattern.matches(host));
      const mayBeLocal = config.allowLocalBinding || (isLocal && isNamed);
      if (isLocal && !mayBeLocal) return blocked("not_allowed_local");
      if (!config.allowed.some((pattern) => pattern.matches(host))) return blocked("not_allowed");
      const addresses = isIP(host) === 0 ? await addressesOf(host, resolve) : [host];
      const isOpen = addresses.length > 0 && (mayBeLocal || !addresses.some(local()));
      return isOpen ? { kind: "open", addresses } : blocked("not_allowed_local");
    },
  };
}

function isLocalHost(host: string, local: typeof localAddresses): boolean {
  if (isIP(host) !== 0) return local()(host);
  return host === "localhost" || host.endsWith(".localhost");
}

async function addressesOf(host: string, resolve: Resolve): Promise<readonly string[]> {
  try {
    return (await resolve(host)).filter((address) => isIP(address) !== 0);
  } catch {
    return [];
  }
}

function blocked(reason: BlockReason): Passage {
  return { kind: "blocked", reason };
}

import { type NetworkSandboxPolicy, networkPolicyOf } from "@holdfast/permission-profile";
import type { SandboxIntent } from "../intent.ts";
import { rule } from "./policy-text.ts";

const SERVICES = `; Name lookup, certificates and routes.
(allow system-socket
  (require-all (socket-domain AF_SYSTEM) (socket-protocol 2)))
(allow mach-lookup
  (global-name "com.apple.SecurityServer")
  (global-name "com.apple.SystemConfiguration.DNSConfiguration")
  (global-name "com.apple.SystemConfiguration.configd")
  (global-name "com.apple.bsd.dirhelper")
  (global-name "com.apple.networkd")
  (global-name "com.apple.ocspd")
  (global-name "com.apple.system.opendirectoryd.membership")
  (global-name "com.apple.trustd.agent"))
(allow sysctl-read (sysctl-name-regex #"^net[.]routetable"))`;

/** The network section: open, closed, or as far as a proxy on loopback. Empty text: closed. */
export function networkRules(intent: SandboxIntent): string {
  const rules =
    intent.enforceManagedNetwork === true ? managed(intent) : plain(networkPolicyOf(intent.context.permissions));
  return rules === "" ? "" : `${rules}\n${SERVICES}`;
}

function plain(policy: NetworkSandboxPolicy): string {
  return policy === "enabled" ? "(allow network-outbound)\n(allow network-inbound)\n(allow network-bind)" : "";
}

/** Without a port there is no proxy, and nothing is opened. */
function managed({ managedNetwork }: SandboxIntent): string {
  const ports = [...new Set(managedNetwork?.loopbackPorts ?? [])].sort((a, b) => a - b);
  if (ports.length === 0) return "";
  const toProxy = rule(
    "allow",
    "network-outbound",
    ports.map((port) => `(remote ip "localhost:${port}")`),
  );
  return managedNetwork?.allowLocalBinding === true ? `${toProxy}\n${LOCAL_BINDING}` : toProxy;
}

const LOCAL_BINDING = `(allow network-bind (local ip "*:*"))
(allow network-inbound (local ip "localhost:*"))
(allow network-outbound (remote ip "localhost:*"))
(allow network-outbound (remote ip "*:53"))`;

import { FetchDeniedError } from "../errors/fetch-denied-error.ts";
import { allowsHost, domainDecisions } from "../sandbox/domain-rules.ts";
import type { Sandbox } from "../sandbox/sandbox.ts";
import { isConfined, isRules, networkOf, texts } from "../sandbox/sandbox-context.ts";

/** Refuses a URL that a sandbox does not let through. @throws FetchDeniedError */
export type NetworkGate = (url: string) => void;

/**
 * The network part of a sandbox, by the names of hosts alone.
 *
 * @throws InvalidArgumentError - `sandbox`: it is none.
 */
export function networkGate(sandbox: Sandbox | null | undefined): NetworkGate {
  if (!isConfined(sandbox)) return () => {};
  if (isRules(sandbox)) {
    const network = networkOf(sandbox.network);
    if (network === true) return () => {};
    if (network === false) return closed("its network is false, as it is unless given");
    const allow = texts(network.allow, "network.allow");
    const deny = texts(network.deny, "network.deny");
    domainDecisions(allow, deny);
    return (url) => {
      const { hostname } = new URL(url);
      if (allowsHost(hostname, allow, deny)) return;
      const isAllowed = allowsHost(hostname, allow, []);
      throw new FetchDeniedError(hostname, isAllowed ? "network.deny lists it" : "network.allow does not list it");
    };
  }
  if (typeof sandbox === "string") return closed(`${JSON.stringify(sandbox)} has no network`);
  const { permissions } = sandbox;
  const isOpen = permissions.type === "disabled" || permissions.network === "enabled";
  return isOpen ? () => {} : closed("the network of its profile is restricted");
}

/** Whether some hosts are let through and others not, so that each step of a redirect has to be looked at. */
export function decidesByHost(sandbox: Sandbox | null | undefined): boolean {
  return isConfined(sandbox) && isRules(sandbox) && typeof sandbox.network === "object";
}

function closed(rule: string): NetworkGate {
  return (url) => {
    throw new FetchDeniedError(new URL(url).hostname, rule);
  };
}

import type { ProcessStartParams, Received } from "@holdfast/exec-server-protocol";
import { isSandboxError, type NetworkProxyConfig, parseNetworkProxyConfig } from "@holdfast/sandbox";
import { checkArgumentSize, childEnvironment, type EnvironmentLimits } from "../process/index.ts";
import type { StartRequest } from "../start/index.ts";
import { invalidParams } from "./faults.ts";
import { checkId } from "./ids.ts";
import { nativeCwd } from "./paths.ts";
import { terminalSize } from "./terminal-size.ts";

/** What a start needs to know of the machine. */
export interface StartSurroundings {
  /** The executor's own environment, which a policy may let a child inherit. */
  readonly env: Readonly<Record<string, string>>;
  readonly environment: EnvironmentLimits;
}

/**
 * What a start asks for, in native terms.
 *
 * @throws RpcFault that names the member or the rule, or SpawnFault for what no system could start.
 */
export function startRequest(params: Received<ProcessStartParams>, machine: StartSurroundings): StartRequest {
  const cwd = nativeCwd(params.cwd);
  checkId("processId", params.processId);
  refuseUnsupported(params);
  if (params.argv.length === 0) throw invalidParams("argv must not be empty");
  const command = {
    argv: params.argv,
    arg0: params.arg0 ?? undefined,
    cwd,
    env: childEnvironment(machine.env, params.env, params.envPolicy ?? undefined, machine.environment),
  };
  checkArgumentSize(command);
  return {
    ...command,
    tty: params.tty,
    terminalSize: terminalSizeOf(params),
    input: params.pipeStdin === true ? "pipe" : "null",
    user: userOf(params),
    sandbox: params.sandbox ?? undefined,
    networkProxy: networkProxyOf(params),
    enforceManagedNetwork: params.enforceManagedNetwork ?? false,
    managedNetwork: managedNetworkOf(params),
    certificateBundle: certificateBundleOf(params),
  };
}

/** Everything a start asks for that must not be dropped silently. */
function refuseUnsupported(params: ProcessStartParams): void {
  if (params.shellSnapshot !== undefined && params.shellSnapshot !== null) {
    throw invalidParams("`shellSnapshot` is not supported: this executor does not advertise `shellSnapshotV2`");
  }
}

/** Another user's places and limits would have to be planned for. */
function userOf({ holdfast, sandbox, env, envPolicy }: Received<ProcessStartParams>): StartRequest["user"] {
  if (holdfast?.user === undefined) return undefined;
  if (sandbox !== undefined && sandbox !== null) {
    throw invalidParams(
      "`holdfast.user` can't be used with `sandbox`: confined commands run as the executor's own user",
    );
  }
  return { name: holdfast.user, given: new Set([...Object.keys(env), ...Object.keys(envPolicy?.set ?? {})]) };
}

function terminalSizeOf({ tty, holdfast }: ProcessStartParams): StartRequest["terminalSize"] {
  if (holdfast?.terminal === undefined) return undefined;
  if (!tty) throw invalidParams("`holdfast.terminal` needs `tty`");
  return terminalSize(holdfast.terminal);
}

/** The proxy that a start wants this executor to run. @throws RpcFault −32602 that names the member or the rule. */
function networkProxyOf({ networkProxy }: ProcessStartParams): NetworkProxyConfig | undefined {
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

function managedNetworkOf({ managedNetwork }: ProcessStartParams): StartRequest["managedNetwork"] {
  if (managedNetwork === undefined || managedNetwork === null) return undefined;
  const { loopbackPorts, allowLocalBinding } = managedNetwork;
  return { loopbackPorts: loopbackPorts ?? [], allowLocalBinding: allowLocalBinding ?? false };
}

/** A file in a folder of the proxy's, by the name that only its owner sets. */
function certificateBundleOf({ env: { CODEX_CA_CERTIFICATE: path } }: ProcessStartParams): string | undefined {
  return path !== undefined && /^\/(?:.*\/)?proxy\/[^/]+$/.test(path) ? path : undefined;
}

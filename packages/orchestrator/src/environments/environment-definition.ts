import type { ClientCertificate, ConnectTarget } from "@holdfast/exec-client";

/** What is true of every environment. */
interface AnyEnvironment {
  readonly id: string;
  /** Milliseconds to wait for the answer to `initialize`. Default 10,000. */
  readonly initializeTimeoutMs?: number | undefined;
  /** Names of skills that it has to offer. Default: none. */
  readonly requiredSkills?: readonly string[] | undefined;
}

/** Where an environment is for the next connection, and what it is shown. */
export interface ResolvedUrl {
  readonly url: string | URL;
  /** Secret that its listener asks for. Default: that of the environment. */
  readonly bearerToken?: string | undefined;
}

/**
 * Says where an environment is, anew before each connection: for URLs that are signed for a short time. Neither the URL's query nor the token is
 * ever shown.
 */
export type UrlResolver = (options: { readonly signal: AbortSignal }) => Promise<string | URL | ResolvedUrl>;

/** An executor behind a URL. It is connected in the background as soon as it is registered. */
export interface UrlEnvironment extends AnyEnvironment {
  /** `ws:`, `wss:`, `unix:`, `ssh:` or `relay+https:`; or what finds it. */
  readonly url: string | UrlResolver;
  /** Secret that its listener asks for, of `ws:` and `wss:`, or the registry of its relay. Default: none. */
  readonly bearerToken?: string | undefined;
  /** Of requests to the registry of its relay, besides the token. Default: none. */
  readonly registryHeaders?: Readonly<Record<string, string>> | undefined;
  /** Certificates in PEM of the authorities that may vouch for a `wss:` executor or a relay. Default: those that the system trusts. */
  readonly ca?: string | undefined;
  /** For an executor that asks for one. */
  readonly clientCertificate?: ClientCertificate | undefined;
  /** Milliseconds to wait for the connection. Default 10,000. */
  readonly connectTimeoutMs?: number | undefined;
}

/** An executor that a program leads to, by its stdin and stdout. It is started on first use. */
export interface ProgramEnvironment extends AnyEnvironment {
  readonly program: string;
  readonly args?: readonly string[] | undefined;
  /** Variables over those that the registry gives to programs. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Its working folder, an absolute local path. Default: that of this process. */
  readonly cwd?: string | undefined;
}

/** An executor that is reached some other way, such as one inside this process. It is connected on first use. */
export interface TargetEnvironment extends AnyEnvironment {
  /** Called before each attempt to connect anew; not to resume what was lost, which is the target's own. */
  readonly target: () => ConnectTarget | Promise<ConnectTarget>;
  /** Default true. */
  readonly isRemote?: boolean | undefined;
  /** Where it is, for people. */
  readonly address: string;
}

export type EnvironmentDefinition = UrlEnvironment | ProgramEnvironment | TargetEnvironment;

/** Id of the environment of this machine. */
export const LOCAL_ENVIRONMENT_ID = "local";
/** Id of the one that a variable names. */
export const REMOTE_ENVIRONMENT_ID = "remote";

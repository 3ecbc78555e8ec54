import type { PathUri } from "@holdfast/path-uri";
import { anything, checkOptions, flag, type OptionChecks, text, wholeNumber } from "@holdfast/rpc/client";
import { InvalidArgumentError } from "./errors.ts";
import { type KnownConvention, type RemotePath, toPathUri } from "./paths.ts";

/** Where a connection leads to: a TCP port, or a unix socket. */
export type ConnectionTarget =
  | {
      /** A name or an address, as the machine knows it that connects. Default `127.0.0.1`. */
      readonly host?: string | undefined;
      /** 1 to 65,535. */
      readonly port: number;
    }
  | {
      /** Of a unix socket. */
      readonly path: RemotePath;
    };

/** Where to listen. */
export interface ListenOptions {
  /** IP address, or `localhost`. Default `127.0.0.1`: its machine alone. */
  readonly host?: string | undefined;
  /** Default 0: any that is free. */
  readonly port?: number | undefined;
  /** Path of a unix socket to listen on instead, for the user alone that runs the executor. */
  readonly path?: RemotePath | undefined;
  /** Whether `host` may be an address that other machines reach. Default false: such an address is refused. */
  readonly otherMachines?: boolean | undefined;
}

/** For the wire. */
export type WirePlace = { readonly host: string; readonly port: number } | { readonly path: PathUri };

export const LOOPBACK = "127.0.0.1";
export const PORT_MAX = 65_535;

type Target = { readonly host?: string | undefined; readonly port: number; readonly path?: RemotePath };

const TARGET: OptionChecks<Target> = { host: text, port: wholeNumber(1, PORT_MAX), path: anything };

const LISTEN: OptionChecks<ListenOptions> = {
  host: text,
  port: wholeNumber(0, PORT_MAX),
  path: anything,
  otherMachines: flag,
};

/** @throws InvalidArgumentError - It names none, or two. */
export function checkedTarget(
  to: ConnectionTarget,
  of: string,
): { readonly host: string; readonly port: number } | { readonly path: RemotePath } {
  checkOptions(to as Target, TARGET, of);
  const { host, port, path } = to as Partial<Target>;
  if (path !== undefined) return { path: alone({ host, port, path }) };
  wholeNumber(1, PORT_MAX)(port, "port");
  return { host: host ?? LOOPBACK, port: port as number };
}

/** @throws InvalidArgumentError - It names none, or two. */
export function wireTarget(to: ConnectionTarget, convention: KnownConvention, of: string): WirePlace {
  const target = checkedTarget(to, of);
  return "path" in target ? { path: toPathUri(target.path, convention, "path") } : target;
}

/** @throws InvalidArgumentError - It names two places. */
export function wireListen(at: ListenOptions, convention: KnownConvention, of: string) {
  checkOptions(at, LISTEN, of);
  const { host = LOOPBACK, port = 0, path, otherMachines } = at;
  if (path !== undefined) return { path: toPathUri(alone({ ...at, path }), convention, "path") };
  return otherMachines === true ? { host, port, otherMachines } : { host, port };
}

function alone({ host, port, path }: { readonly host?: unknown; readonly port?: unknown; readonly path: RemotePath }) {
  if (host === undefined && port === undefined) return path;
  throw new InvalidArgumentError("path", "path stands for host and port: give the one or the other");
}

/** For people. */
export function shownPlace(place: { readonly host?: string; readonly port?: number } | { readonly path: RemotePath }) {
  return "path" in place ? String(place.path) : `${place.host ?? LOOPBACK} port ${place.port}`;
}

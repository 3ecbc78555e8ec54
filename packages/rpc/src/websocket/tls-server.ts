import type { ServerOptions } from "node:http";
import { createServer, type Server } from "node:https";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import type { TlsServerOptions } from "./tls-options.ts";

/** @throws Error - The certificate or the key can not be used. */
export function createTlsServer(tls: TlsServerOptions, bounds: ServerOptions): Server {
  return createServer({
    ...bounds,
    ...secureContextOptions(tls),
    // As long as the head of a request may take.
    ...(bounds.headersTimeout === undefined ? {} : { handshakeTimeout: bounds.headersTimeout }),
    ...(tls.clientCa === undefined ? {} : { requestCert: true, rejectUnauthorized: true }),
  });
}

/** What of the options can be exchanged while a listener runs. */
export function secureContextOptions({ cert, key, clientCa }: TlsServerOptions): SecureContextOptions {
  return { cert, key, minVersion: "TLSv1.2", ...(clientCa === undefined ? {} : { ca: clientCa }) };
}

/** @throws Error - The certificate, the key or the authorities can not be used, or do not belong together. */
export function checkTls(options: TlsServerOptions): void {
  createSecureContext(secureContextOptions(options));
}

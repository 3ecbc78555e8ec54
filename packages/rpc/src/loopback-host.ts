const LOOPBACK_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/i;

/**
 * Whether a host is this machine, and nothing else can be: a name that only begins like an address is none.
 *
 * @param host - As a URL has it, or bare.
 */
export function isLoopbackHost(host: string): boolean {
  return LOOPBACK_HOST.test(host);
}

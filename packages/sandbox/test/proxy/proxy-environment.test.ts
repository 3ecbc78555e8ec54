import { describe, expect, test } from "vitest";
import {
  isManagedNetworkVariable,
  managedNetworkVariableNames,
  proxyEnvironment,
} from "../../src/proxy/proxy-environment.ts";

describe("the environment of a proxy", () => {
  test("leads to its ports", () => {
    const env = proxyEnvironment({ httpPort: 8080, socksPort: 1080, allowLocalBinding: false });
    expect(env).toMatchObject({
      HTTP_PROXY: "http://127.0.0.1:8080",
      https_proxy: "http://127.0.0.1:8080",
      npm_config_https_proxy: "http://127.0.0.1:8080",
      ALL_PROXY: "socks5h://127.0.0.1:1080",
      ftp_proxy: "socks5h://127.0.0.1:1080",
      NO_PROXY: "",
      CODEX_NETWORK_PROXY_ACTIVE: "1",
      CODEX_NETWORK_ALLOW_LOCAL_BINDING: "0",
      NODE_USE_ENV_PROXY: "1",
      ELECTRON_GET_USE_PROXY: "true",
    });
  });

  test("leads everything to the HTTP port where there is no SOCKS", () => {
    const env = proxyEnvironment({ httpPort: 8080, socksPort: undefined, allowLocalBinding: true });
    expect(env).toMatchObject({ ALL_PROXY: "http://127.0.0.1:8080", CODEX_NETWORK_ALLOW_LOCAL_BINDING: "1" });
    expect(env).toMatchObject({ no_proxy: "localhost,127.0.0.1,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16" });
  });

  test("has only variables that are kept", () => {
    const env = proxyEnvironment({ httpPort: 1, socksPort: 2, allowLocalBinding: false });
    expect(Object.keys(env).filter((name) => !isManagedNetworkVariable(name))).toEqual([]);
    expect(managedNetworkVariableNames()).toEqual(expect.arrayContaining(Object.keys(env)));
  });

  test("variables are kept in any case, others are not", () => {
    for (const name of ["Http_Proxy", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "codex_ca_certificate", "no_proxy"]) {
      expect([name, isManagedNetworkVariable(name)]).toEqual([name, true]);
    }
    for (const name of ["PATH", "HTTP_PROXY_X", "", "AWS_SECRET_ACCESS_KEY"]) {
      expect([name, isManagedNetworkVariable(name)]).toEqual([name, false]);
    }
  });
});

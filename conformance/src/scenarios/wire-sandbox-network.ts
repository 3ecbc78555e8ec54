import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Cage, inCage } from "../sandbox/cage.ts";
import { contextFor, workspaceWrite } from "../sandbox/columns.ts";
import { environmentOf, runConfined } from "../sandbox/run-column.ts";
import type { WireScenario } from "../scenario.ts";

interface Demand {
  readonly what: string;
  readonly managedNetwork: object | null;
  readonly env: Readonly<Record<string, string>>;
}

function proxyAt(url: string): Record<string, string> {
  return { HTTP_PROXY: url, HTTPS_PROXY: url };
}

/** Managed networks that lead nowhere. */
function unusable(port: number): readonly Demand[] {
  return [
    { what: "no details and no proxy", managedNetwork: null, env: {} },
    { what: "a port, but no proxy", managedNetwork: { loopbackPorts: [port] }, env: {} },
    {
      what: "a proxy at another port than told",
      managedNetwork: { loopbackPorts: [port] },
      env: proxyAt(`http://127.0.0.1:${port + 1}`),
    },
    {
      what: "a proxy that is not on loopback",
      managedNetwork: { loopbackPorts: [port] },
      env: proxyAt("http://192.0.2.1:3128"),
    },
    { what: "a proxy that is no URL", managedNetwork: { loopbackPorts: [port] }, env: proxyAt("http://[::") },
  ];
}

const IP_SOCKET =
  "use Socket; socket(my $s, AF_INET, SOCK_STREAM, 0) or exit 9; connect($s, sockaddr_in($ARGV[0], inet_aton('127.0.0.1'))) or exit 8";

function dial({ playground }: Cage): readonly string[] {
  return ["/usr/bin/perl", "-e", IP_SOCKET, String(playground.port)];
}

export const WIRE_SANDBOX_NETWORK: readonly WireScenario[] = [
  {
    direction: "wire",
    id: "wire.sandbox-network-closed",
    sentence: "a managed network without a usable proxy starts nothing, whatever the profile allows",
    requirements: ["sandbox.network"],
    essential: true,
    since: "0.169.0",
    async run(context) {
      await inCage(context, async ({ line, playground }) => {
        const ran = join(playground.workspace, "ran");
        for (const permissions of [workspaceWrite(), { type: "disabled" }]) {
          for (const { what, managedNetwork, env } of unusable(playground.port)) {
            const { exitCode, output } = await runConfined(line, playground.workspace, {
              argv: ["/usr/bin/touch", ran],
              env: { ...environmentOf(playground), ...env },
              sandbox: contextFor(playground.workspace, permissions),
              enforceManagedNetwork: true,
              managedNetwork,
            });
            const isThere = existsSync(ran);
            await rm(ran, { force: true });
            assert.ok(!isThere && exitCode !== 0, `${what}: the command ran: ${output}`);
          }
        }
      });
    },
  },
  {
    direction: "wire",
    id: "wire.sandbox-network-unasked",
    sentence: "details of a managed network open nothing when it is not enforced, and bind nothing without a sandbox",
    requirements: ["sandbox.network"],
    essential: true,
    since: "0.169.0",
    async run(context) {
      await inCage(context, async (cage) => {
        const { line, playground } = cage;
        const env = { ...environmentOf(playground), ...proxyAt(`http://127.0.0.1:${playground.port}`) };
        const common = { argv: dial(cage), env, managedNetwork: { loopbackPorts: [playground.port] } };
        const { sandbox } = cage;
        const idle = await runConfined(line, playground.workspace, { ...common, sandbox });
        assert.equal(idle.exitCode, 9, `a port list opened the network: ${idle.output}`);
        const free = await runConfined(line, playground.workspace, { ...common, enforceManagedNetwork: true });
        assert.equal(free.exitCode, 0, `a command without a sandbox was confined: ${free.output}`);
      });
    },
  },
];

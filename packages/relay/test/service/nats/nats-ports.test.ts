import { missingForNats, type NatsServers, startNatsServers, type TempDir, tempDir } from "@holdfast/testkit";
import { afterAll, beforeAll, describe } from "vitest";
import { connectNats } from "../../../src/service/nats/index.ts";
import { portsContract, type StoreNodesOptions } from "../ports-contract.ts";

describe.each([
  { name: "one NATS server", count: 1 },
  { name: "a cluster of three NATS servers", count: 3 },
])("$name", ({ name, count }) => {
  let folder: TempDir;
  let servers: NatsServers;

  beforeAll(async () => {
    if (missingForNats !== undefined) return;
    folder = await tempDir();
    servers = await startNatsServers(folder.path, { count });
  });

  afterAll(async () => {
    await servers?.[Symbol.asyncDispose]();
    await folder?.[Symbol.asyncDispose]();
  });

  const nodes = async ({ now }: StoreNodesOptions) => {
    const [first, second = first] = servers.servers;
    const here = await connectNats({ url: first?.url ?? "", now });
    const there = await connectNats({ url: second?.url ?? "", now });
    return {
      here,
      there,
      async [Symbol.asyncDispose]() {
        await here[Symbol.asyncDispose]();
        await there[Symbol.asyncDispose]();
      },
    };
  };

  portsContract(name, nodes, { skipBecause: missingForNats });
});

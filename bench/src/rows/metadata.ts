import { stat } from "node:fs/promises";
import { perSecond } from "../in-flight.ts";
import type { Row } from "../row.ts";

const IN_FLIGHT = 32;
const PATH = "/usr/bin/true";

/** The smallest call: what a message costs. */
export const metadata: Row = {
  id: "get-metadata",
  title: `\`fs/getMetadata\`, ${IN_FLIGHT} in flight`,
  unit: "/s",
  target: 20_000,
  better: "higher",
  limit: { what: "stat in Node", measure: ({ smoke }) => perSecond(smoke ? 500 : 20_000, IN_FLIGHT, () => stat(PATH)) },
  async measure({ client, smoke }) {
    const params = JSON.stringify({ path: `file://${PATH}` });
    const total = smoke ? 500 : 20_000;
    return perSecond(total, IN_FLIGHT, () => client.callWithJson("fs/getMetadata", params));
  },
};

import { memoryUsage, pid } from "node:process";
import type { HostServices } from "../host-services.ts";
import type { Room } from "../room.ts";

/** The section of threads that every server has. Clients look for it by its id. */
const PINNED = { id: "01984de2-8f74-7c91-a3b2-5c5e937cf318", name: "Pinned", appearance: null };

/**
 * What clients ask at their start, or to fill a list, about things that a server of this kind does not have: accounts, plugins, hooks, goals, projects. They are
 * answered as by a server where nobody has made any, because a client that is refused may end.
 */
export function fixedAnswers({ cwd: ownCwd }: Pick<HostServices, "cwd">): Room {
  return {
    handlers: {
      ...ACCOUNT,
      ...LISTS,
      ...SETTINGS,
      "hooks/list": ({ cwds }) => ({
        data: (cwds?.length ? cwds : [ownCwd]).map((cwd) => ({ cwd, hooks: [], warnings: [], errors: [] })),
      }),
      "server/diagnostics": () => ({
        process: { id: pid, residentMemoryBytes: memoryUsage.rss(), physicalFootprintBytes: null },
        gauges: [],
      }),
    },
  };
}

/** Keys of providers come from variables: nobody has to sign in, which clients would ask for before anything else. */
const ACCOUNT: Room["handlers"] = {
  "account/read": () => ({ account: null, userId: null, requiresOpenaiAuth: false, workspaceRouting: null }),
  getAuthStatus: () => ({ authMethod: null, authToken: null, requiresOpenaiAuth: false }),
  "account/logout": () => ({}),
  "accountSession/list": () => ({ activeSessionId: null, sessions: [] }),
  "account/bedrock/checkGovCloudRequirements": () => ({ isGovCloud: false, shouldWarn: false }),
};

const LISTS: Room["handlers"] = {
  "app/list": () => ({ data: [], nextCursor: null }),
  "experimentalFeature/list": () => ({ data: [], nextCursor: null }),
  "externalAgentConfig/detect": () => ({ items: [], connectors: [] }),
  "plugin/installed": () => ({ marketplaces: [], marketplaceLoadErrors: [] }),
  "plugin/list": () => ({ marketplaces: [], marketplaceLoadErrors: [], featuredPluginIds: [] }),
  "project/list": () => ({ data: [], nextCursor: null }),
  "thread/goal/get": () => ({ goal: null }),
  "threadSection/list": () => ({ data: [PINNED], nextCursor: null }),
};

const SETTINGS: Room["handlers"] = {
  "collaborationMode/list": () => ({
    data: [
      { name: "Plan", mode: "plan", model: null, reasoning_effort: "medium" },
      { name: "Default", mode: "default", model: null, reasoning_effort: null },
    ],
  }),
  "configRequirements/read": () => ({ supportsIndependentSpeedModes: true, requirements: null }),
  "mock/experimentalMethod": ({ value }) => ({ echoed: value ?? null }),
  "remoteControl/status/read": () => ({ status: "disabled", serverName: "", installationId: "", environmentId: null }),
  "windowsSandbox/readiness": () => ({ status: "notConfigured" }),
};

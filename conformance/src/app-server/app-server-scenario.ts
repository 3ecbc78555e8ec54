import type { MockModel, ModelTurn } from "../mock-model.ts";
import type { AppServerForMany, AppServerOptions, AppServerUnderTest } from "./reference-app-server.ts";
import type { ServerRelease } from "./server-release.ts";

/** What a scenario may use. All of it is gone afterwards. */
export interface AppServerGround {
  readonly release: ServerRelease;
  /** A temporary folder of its own. */
  readonly folder: string;
  /** The `CODEX_HOME` of the servers. */
  readonly home: string;
  /** Whose script is that of the scenario. */
  readonly model: MockModel;
  /** Start the server. A second one has the same home, and with it the threads of the first. */
  start(options?: AppServerOptions): Promise<AppServerUnderTest>;
  /** Start one that listens on a websocket. */
  serve(): Promise<AppServerForMany>;
}

/** One thing that a person does with an app-server, through our client. */
export interface AppServerScenario {
  readonly id: string;
  /** What holds, in a sentence. */
  readonly sentence: string;
  /** Oldest release that it holds of. Default: all of them. */
  readonly since?: string;
  /** What the model says, turn by turn. */
  readonly turns: readonly ModelTurn[];
  run(ground: AppServerGround): Promise<void>;
}

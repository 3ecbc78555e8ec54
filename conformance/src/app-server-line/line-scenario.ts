import type { ServerRelease } from "../app-server/server-release.ts";
import type { MockModel, ModelTurn } from "../mock-model.ts";

/** What a scenario may use. All of it is gone afterwards. */
export interface LineGround {
  readonly release: ServerRelease;
  /** `CODEX_HOME`, whose configuration names the model. */
  readonly home: string;
  /** A temporary folder of its own. */
  readonly folder: string;
  readonly model: MockModel;
  /** Say what was seen, beside that it holds. */
  note(text: string): void;
}

/** What holds between our client and a real app server, whatever is said over the line. */
export interface LineScenario {
  readonly id: string;
  /** What holds, in a sentence. */
  readonly sentence: string;
  /** What the model says, turn by turn. */
  readonly turns?: readonly ModelTurn[] | undefined;
  run(ground: LineGround): Promise<void>;
}

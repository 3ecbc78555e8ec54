import type { Executor, Log } from "@holdfast/executor";
import type { Context } from "../command-line/context.ts";
import type { Listening } from "./listening.ts";
import type { Registration } from "./replace/registration.ts";
import type { SecretPlaces } from "./secret-places.ts";
import type { ServeSettings } from "./settings.ts";

/** What `serve` begins with. */
export interface ServeParts {
  readonly settings: ServeSettings;
  readonly context: Context;
  /** What commands get of it. */
  readonly place: Pick<Context, "env" | "cwd">;
  readonly log: Log;
  readonly registration: Registration;
  /** Resolves when the program is to end. */
  readonly toldToEnd: Promise<void>;
  /** What the program was started from besides itself: no confined command may write there. */
  readonly ownFiles: readonly string[];
  /** What of this program no confined command may see. */
  readonly secretPlaces: SecretPlaces;
  /** Told how many sessions there are when that has changed. */
  readonly onSessionCount?: ((sessions: number) => void) | undefined;
}

/** An executor that clients can come to. */
export interface Serving {
  readonly executor: Executor;
  readonly listening: Listening;
}

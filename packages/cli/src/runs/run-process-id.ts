/** What the process of every run is called inside its session: whoever knows session and URL finds it by this. */
export const RUN_PROCESS_ID = "run";

/** The same for one whose stdin takes frames from the program that started it, so that nobody else can type into it. */
export const FRAMED_RUN_PROCESS_ID = "framed-run";

/** What the process of every run is called inside its session: whoever knows session and URL finds it by this. */
export const RUN_PROCESS_ID = "run";

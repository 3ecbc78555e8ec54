/** What is counted, with what each number is. Names end as Prometheus wants them to. */
const COUNTERS = {
  requests_total: "Registry calls by call and status.",
  refusals_total: "Calls and handshakes that were refused, by reason.",
  validations_total: "Authorizations that executors asked about, by result.",
  sockets_opened_total: "Websockets by role.",
  streams_opened_total: "Streams from a harness to an executor.",
  streams_ended_total: "Streams that the relay ended, by reason.",
  frames_total: "Frames by the role of who sent them.",
  bytes_total: "Bytes of frames by the role of who sent them.",
  frames_dropped_total: "Frames that went nowhere, by reason.",
  holds_total: "Times that a stream was held for a socket that was full, by the role of that socket.",
} as const;

export type CounterName = keyof typeof COUNTERS;

/** A number that is looked up when it is asked for. */
export interface Gauge {
  readonly about: string;
  readonly values: () => readonly { readonly labels?: string; readonly value: number }[];
}

const PREFIX = "holdfast_relay_";

/** A count that is added to often. */
export interface Count {
  value: number;
}

/** Numbers of the service as Prometheus reads them. Labels come from a fixed set of words of this program, so that there are not more and more. */
export class Metrics {
  readonly #counts = new Map<CounterName, Map<string, Count>>();
  readonly #gauges = new Map<string, Gauge>();

  /** The count itself, for what counts frame by frame. @param labels - As they are shown, such as `role="harness"`; empty for none. */
  count(name: CounterName, labels = ""): Count {
    let ofName = this.#counts.get(name);
    if (ofName === undefined) {
      ofName = new Map();
      this.#counts.set(name, ofName);
    }
    let count = ofName.get(labels);
    if (count === undefined) {
      count = { value: 0 };
      ofName.set(labels, count);
    }
    return count;
  }

  add(name: CounterName, labels = ""): void {
    this.count(name, labels).value += 1;
  }

  gauge(name: string, gauge: Gauge): void {
    this.#gauges.set(name, gauge);
  }

  /** In the text format, version 0.0.4. */
  text(): string {
    const counters = Object.entries(COUNTERS).map(([name, about]) => {
      const counts = this.#counts.get(name as CounterName) ?? new Map<string, Count>();
      return block(
        name,
        "counter",
        about,
        [...counts].map(([labels, { value }]) => ({ labels, value })),
      );
    });
    const gauges = [...this.#gauges].map(([name, { about, values }]) => block(name, "gauge", about, values()));
    return [...counters, ...gauges].join("");
  }
}

function block(
  name: string,
  type: string,
  about: string,
  values: readonly { readonly labels?: string; readonly value: number }[],
): string {
  const lines = values.map(
    ({ labels = "", value }) => `${PREFIX}${name}${labels === "" ? "" : `{${labels}}`} ${value}\n`,
  );
  return `# HELP ${PREFIX}${name} ${about}\n# TYPE ${PREFIX}${name} ${type}\n${lines.join("")}`;
}

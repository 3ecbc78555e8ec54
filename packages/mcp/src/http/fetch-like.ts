/** As the platform's `fetch`, and what the SDK takes for it. */
export type FetchLike = (url: string | URL, init?: RequestInit) => Promise<Response>;

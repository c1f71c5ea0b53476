import { STATUS_CODES } from "node:http";
import { Writable } from "node:stream";
import { Agent, type Dispatcher, interceptors, ProxyAgent, stream } from "undici";

const TIMEOUTS = { connect: { timeout: 20_000 }, headersTimeout: 60_000, bodyTimeout: 60_000 };

const MOST_REDIRECTS = 10;

/** Status and headers of a response. */
export interface Head {
  readonly status: number;
  readonly statusText: string;
  /** A header's value; repeated headers are joined with commas. */
  header(name: string): string | null;
}

/** Receives a chunk of the body synchronously. Throws to abort the request. */
export type Sink = (piece: Uint8Array) => void;

/**
 * Requests a file without compression, through the environment's proxy; fails if the server is silent for a
 * minute. The body is read without backpressure, because undici's parser crashes the process if the server
 * disconnects while paused (nodejs/undici#5360). @param begin receives the response's head and returns the
 * sink of its body; throws to abort the request
 */
export async function receive(
  url: string,
  headers: Readonly<Record<string, string>>,
  begin: (head: Head) => Sink,
  signal?: AbortSignal,
): Promise<void> {
  const dispatcher = dispatcherFor(new URL(url));
  const ending = new AbortController();
  const stopped = signal === undefined ? ending.signal : AbortSignal.any([signal, ending.signal]);
  let failure: unknown;
  const guarded = <Value>(work: () => Value): Value | undefined => {
    try {
      return failure === undefined ? work() : undefined;
    } catch (error) {
      failure = error;
      ending.abort(error);
      return undefined;
    }
  };
  try {
    const asked = { "accept-encoding": "identity", ...headers };
    const options = { method: "GET", headers: asked, signal: stopped, dispatcher } as const;
    await stream(url, options, ({ statusCode, headers: found }) => {
      const header = (name: string) => [found[name] ?? []].flat().join(", ") || null;
      const head = { status: statusCode, statusText: STATUS_CODES[statusCode] ?? "", header };
      const sink = guarded(() => begin(head));
      return new Writable({
        highWaterMark: Number.MAX_SAFE_INTEGER,
        write(piece: Uint8Array, _encoding, done) {
          guarded(() => sink?.(piece));
          done();
        },
      });
    });
  } catch (error) {
    throw failure ?? error;
  } finally {
    await dispatcher.destroy().catch(() => undefined);
  }
  if (failure !== undefined) throw failure;
}

function dispatcherFor(url: URL): Dispatcher {
  const proxy = proxyFor(url);
  const own = proxy === undefined ? new Agent(TIMEOUTS) : new ProxyAgent({ uri: proxy, ...TIMEOUTS });
  return own.compose(interceptors.redirect({ maxRedirections: MOST_REDIRECTS }));
}

/** https_proxy, http_proxy and no_proxy, in either case, as curl reads them. */
function proxyFor({ protocol, hostname }: URL): string | undefined {
  const setting = (name: string) => process.env[name] || process.env[name.toUpperCase()] || undefined;
  const exempt = (setting("no_proxy") ?? "").split(/[\s,]+/).filter((entry) => entry !== "");
  const isExempt = exempt.some((entry) => {
    const domain = entry.replace(/^\*?\./, "").replace(/:\d+$/, "");
    return entry === "*" || hostname === domain || hostname.endsWith(`.${domain}`);
  });
  return isExempt ? undefined : setting(protocol === "https:" ? "https_proxy" : "http_proxy");
}

/** Why a request failed, according to the system's error rather than the HTTP client's. */
export function reasonOf(error: unknown): string {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== undefined && code in REASONS) return `${REASONS[code]} (${code})`;
    if (!(cause.cause instanceof Error))
      return code === undefined ? cause.message : `${cause.message} (${code})`;
  }
  return String(error);
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "no server answers",
  ECONNRESET: "the connection broke off",
  ENOTFOUND: "unknown host: check the network",
  EAI_AGAIN: "unknown host: check the network",
  ENETUNREACH: "there is no network",
  ENOSPC: "no space is left on the disk",
  EDQUOT: "the disk quota is used up",
  EACCES: "the folder is not writable",
  EROFS: "the folder is not writable",
  UND_ERR_SOCKET: "the connection broke off",
  UND_ERR_BODY_TIMEOUT: "no data arrived for a minute",
  UND_ERR_HEADERS_TIMEOUT: "no answer arrived for a minute",
  UND_ERR_CONNECT_TIMEOUT: "no server answers",
};

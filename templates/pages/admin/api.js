// Asks the API: what goes wrong becomes a sentence that says what to do, and an ended session is begun again in between.
import { knows, language, t } from "./words.js";

// What stands before /admin in the address names the event.
export const base = location.pathname.slice(0, location.pathname.indexOf("/admin"));

export class Problem extends Error {
  constructor(status, code, told = {}) {
    super(knows(`problem.${code}`) ? t(`problem.${code}`) : told.detail || told.title || t("problem.other", { code }));
    this.status = status;
    this.code = code;
    this.detail = told.detail;
    this.errors = told.errors ?? [];
  }
}

let logInAgain = null;

// `again` asks for the password in a dialog; it resolves to false when the person gives up.
export function onEndedSession(again) {
  logInAgain = again;
}

export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function send(method, path, options, key) {
  const headers = { "Accept": "application/json", "Accept-Language": language };
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  if (method !== "GET") headers["Idempotency-Key"] = key;
  if (options.ifMatch) headers["If-Match"] = options.ifMatch;
  return fetch(`${base}/api/v1/${path}`, {
    method, headers, signal: options.signal, body: options.body === undefined ? undefined : JSON.stringify(options.body) });
}

// The answer's value and its ETag. A change whose answer did not come is sent once more under the same key: it is done once.
export async function ask(method, path, options = {}) {
  const key = options.key ?? newKey();
  for (let left = 1; ; left -= 1) {
    let answer;
    try {
      answer = await send(method, path, options, key);
    } catch (failure) {
      if (failure.name === "AbortError") throw failure;
      if (left > 0 && method !== "GET") continue;
      throw new Problem(0, "unreachable");
    }
    if (answer.status === 504 && left > 0) continue;
    const value = await answer.json().catch(() => ({}));
    if (answer.ok) return { value, etag: answer.headers.get("ETag") };
    if (answer.status === 401 && options.session !== "none" && logInAgain) {
      if (await logInAgain()) {
        left += 1;
        continue;
      }
    }
    throw new Problem(answer.status, value.code ?? `http_${answer.status}`, value);
  }
}

export async function read(path, query = {}, signal = undefined) {
  const asked = new URLSearchParams(Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined));
  const { value } = await ask("GET", asked.size ? `${path}?${asked}` : path, { signal });
  return value;
}

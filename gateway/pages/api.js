import { documents } from "./documents.js";

/** What the API refused, in its own words. */
export class Refusal extends Error {
  constructor(message, reason) {
    super(message);
    this.reason = reason;
  }
}

const away = "The platform does not answer at the moment. Check your connection and try again in a minute.";

/** Asks one of the documents and answers the value of its one field. Throws a Refusal. */
export async function ask(name, { input, token } = {}) {
  const headers = { "content-type": "application/json", accept: "application/json" };
  if (token !== undefined) headers.authorization = `Bearer ${token}`;
  const body = JSON.stringify({ query: documents[name], ...(input && { variables: { input } }) });
  const { data, errors = [] } = await post({ method: "POST", headers, body, credentials: "omit", cache: "no-store" });
  const [error] = errors;
  if (error) throw new Refusal(error.message, error.extensions?.reason);
  return data[name];
}

async function post(request) {
  try {
    const answer = await (await fetch("/graphql", request)).json();
    if (answer.data || answer.errors) return answer;
  } catch {
    // Not reached, or answered by something that is not the platform.
  }
  throw new Refusal(away, "unreachable");
}

/** Whether staff may sign in through an identity provider here. */
export async function isElsewhereOffered() {
  try {
    const answer = await fetch("/sign-in/oidc", { credentials: "omit" });
    return answer.ok && (await answer.json()).offered === true;
  } catch {
    return false;
  }
}

/**
 * The secret part of a link stands in the fragment, which a browser sends to no server. It is read once, and gone from the address bar and from the
 * history before anything else happens.
 */
export function takenFromAddress(name) {
  const value = new URLSearchParams(location.hash.slice(1)).get(name) ?? "";
  if (location.hash !== "" || location.search !== "") history.replaceState(null, "", location.pathname);
  return value === "" ? undefined : value;
}

const deviceKey = "greentick.device";

/** Tells this browser from one that guesses: whoever shows it is not slowed down by what others try. */
export const device = {
  given: () => {
    const deviceToken = localStorage.getItem(deviceKey);
    return deviceToken === null ? {} : { deviceToken };
  },
  keep: (token) => {
    if (typeof token === "string") localStorage.setItem(deviceKey, token);
  },
};

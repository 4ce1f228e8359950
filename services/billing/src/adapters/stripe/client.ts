import { AppError, type Log } from "@greentick/kernel";
import { withBackoff } from "@greentick/runtime";
import Stripe from "stripe";

export interface StripeSettings {
  readonly secretKey: string;
  /** Absent: Stripe itself. Given: a local Stripe, on loopback only. */
  readonly address?: string;
  readonly timeoutMs: number;
}

const loopback = ["127.0.0.1", "localhost", "[::1]"];

/** Where to talk to. @throws Error for an address that is not on this machine: plain http never leaves it. */
function addressOf(address: string | undefined): Pick<Stripe.StripeConfig, "host" | "port" | "protocol"> {
  if (address === undefined) return {};
  const { hostname, port, protocol } = new URL(address);
  if (protocol !== "http:" || !loopback.includes(hostname))
    throw new Error(`The address of a local Stripe must be http on this machine, not ${address}.`);
  return { host: hostname, port: Number(port), protocol: "http" };
}

/** The SDK as we use it. Its own retries cover connections, timeouts, conflicts and 5xx; it never retries a 429, `patiently` does. */
export const stripeClient = ({ secretKey, address, timeoutMs }: StripeSettings): Stripe =>
  new Stripe(secretKey, {
    ...addressOf(address),
    timeout: timeoutMs,
    maxNetworkRetries: 2,
    telemetry: false,
    appInfo: { name: "greentick" },
  });

/** A test key serves sandbox tenants only, a live key live ones only: nobody is invoiced for a rehearsal. */
export function checkMode(secretKey: string, livemode: boolean): void {
  const live = secretKey.includes("_live_");
  if (live === livemode) return;
  throw new AppError(
    "CONFLICT",
    "stripe_mode_differs",
    `This deployment holds a ${live ? "live" : "test"} key of Stripe's, and the client is a ${livemode ? "live" : "sandbox"} one. Bill it from a deployment with the other kind of key.`,
  );
}

const isTooMany = (error: unknown): boolean => error instanceof Stripe.errors.StripeError && error.statusCode === 429;

/** Repeats a call that met a rate limit, with growing jittered gaps. */
export const patiently = <T>(call: () => Promise<T>, log: Log): Promise<T> =>
  withBackoff(call, {
    attempts: 6,
    firstDelayMs: 100,
    maxDelayMs: 5_000,
    retry: (error) => {
      if (isTooMany(error)) log.warn({ err: error }, "Stripe limits our rate, the call is repeated");
      return isTooMany(error);
    },
  });

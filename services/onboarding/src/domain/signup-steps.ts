import { dayMs, hourMs, minuteMs } from "@greentick/kernel";

/** What must happen to bring a number live, in the only order there is. */
export const signupSteps = [
  "preflight",
  "code_exchanged",
  "waba_linked",
  "app_subscribed",
  "credit_shared",
  "number_added",
  "code_requested",
  "code_verified",
  "name_approved",
  "registered",
  "first_inbound",
  "live",
] as const;
export type SignupStep = (typeof signupSteps)[number];

/** `new_number` brings a number live; `waba_only` links an account and its credit line, without a number of its own. */
export const signupPaths = ["new_number", "waba_only"] as const;
export type SignupPath = (typeof signupPaths)[number];

const numberSteps: readonly SignupStep[] = [
  "number_added",
  "code_requested",
  "code_verified",
  "name_approved",
  "registered",
  "first_inbound",
];

/** The steps of a path, in order. */
export const stepsOf = (path: SignupPath): readonly SignupStep[] =>
  path === "new_number" ? signupSteps : signupSteps.filter((step) => !numberSteps.includes(step));

/** The step after so many done ones; undefined when none is left. */
export const stepAfter = (path: SignupPath, done: number): SignupStep | undefined => stepsOf(path)[done];

/** Who has to act before a case moves on. */
export const waitActors = ["client", "staff", "meta", "system"] as const;
export type WaitActor = (typeof waitActors)[number];

/** What a step waits for: the words shown, who acts, how long it usually takes, and how long it may take. Durations in ms. */
export interface WaitRule {
  readonly for: string;
  readonly actor: WaitActor;
  readonly typicalMs: number;
  readonly deadlineMs: number;
}

const ours = (what: string): WaitRule => ({
  for: what,
  actor: "system",
  typicalMs: minuteMs,
  deadlineMs: hourMs,
});

/** What the platform itself does at each step. */
export const systemWaits: Readonly<Record<SignupStep, WaitRule>> = {
  preflight: ours("the check of number, display name and client"),
  // Meta: Embedded Signup, the code lives for 30 seconds.
  code_exchanged: { ...ours("the exchange of the Embedded Signup code for the business token"), deadlineMs: 30_000 },
  waba_linked: ours("Meta's description of the WhatsApp Business Account"),
  app_subscribed: ours("the subscription of our app to the account's webhooks"),
  credit_shared: ours("the credit line to be attached to the account and confirmed"),
  number_added: ours("the number to be added to the account"),
  code_requested: ours("Meta to accept the request for a verification code"),
  code_verified: ours("Meta to check the verification code"),
  name_approved: ours("a look at Meta's decision on the display name"),
  registered: ours("the registration of the number with its two-step PIN"),
  first_inbound: ours("a look for the first message to the number"),
  live: ours("the number to be announced as live"),
};

/** What somebody else has to do at the steps that are not ours alone. */
export const outsideWaits: Readonly<Partial<Record<SignupStep, WaitRule>>> = {
  code_verified: {
    for: "the six digits that Meta sent to the number by SMS or voice call: submit them",
    actor: "client",
    typicalMs: 10 * minuteMs,
    deadlineMs: dayMs,
  },
  name_approved: {
    for: "Meta's decision on the display name",
    actor: "meta",
    typicalMs: dayMs,
    deadlineMs: 5 * dayMs,
  },
  first_inbound: {
    for: "a first message to the number: write to it from any phone",
    actor: "client",
    typicalMs: hourMs,
    deadlineMs: 14 * dayMs,
  },
};

import { type AskFeed, feedAnswer, feedPath } from "@greentick/contracts";
import { askInternally, type CallSecret } from "@greentick/graphql";
import { type Clock } from "@greentick/kernel";

interface WebhookServiceElsewhere {
  /** Where it listens, without a path. */
  readonly url: string;
  readonly secret: CallSecret;
  readonly now: Clock;
}

/** Beside the time that the question itself waits. */
const onTheWayMs = 5_000;

/** The feed, asked of a webhook service in another process, with the gateway's signature. */
export const feedOver =
  (to: WebhookServiceElsewhere): AskFeed =>
  async (question) => {
    const timeoutMs = question.waitMs + onTheWayMs;
    return feedAnswer.parse(await askInternally(question, { ...to, service: "webhook", path: feedPath, timeoutMs }));
  };

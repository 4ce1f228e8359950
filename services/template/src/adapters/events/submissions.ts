import { type DataOf, templateAdvanced } from "@greentick/contracts";
import { type EventEnvelope } from "@greentick/kernel";
import { type ConsumerSpec } from "@greentick/runtime";
import { type SubmitTemplate } from "../../usecases/submit-template.js";

/** Only now does anybody talk to Meta: the intent to submit is durable, and its event leads here. */
export const submissionConsumer = (submit: SubmitTemplate): ConsumerSpec => ({
  name: "template.submissions",
  permissions: ["template:submit"],
  on: [
    {
      event: templateAdvanced,
      handle: async (call, event: EventEnvelope) => {
        const { templateId, status } = event.data as DataOf<typeof templateAdvanced>;
        if (status === "submitting") await submit(call, templateId);
      },
    },
  ],
});
